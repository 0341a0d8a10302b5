{{ config(alias="list_self_employment") }}

select
    {{ masked_columns("list_self_employment") }}
from {{ ref("list_self_employment") }}
