{{ config(alias="post") }}

select
    {{ masked_columns("post") }}
from {{ ref("post") }}
