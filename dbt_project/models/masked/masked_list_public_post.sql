{{ config(alias="list_public_post") }}

select
    {{ masked_columns("list_public_post") }}
from {{ ref("list_public_post") }}
