{{ config(alias="list_due") }}

select
    {{ masked_columns("list_due") }}
from {{ ref("list_due") }}
