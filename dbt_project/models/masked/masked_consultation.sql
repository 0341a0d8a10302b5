{{ config(alias="consultation") }}

select
    {{ masked_columns("consultation") }}
from {{ ref("consultation") }}
