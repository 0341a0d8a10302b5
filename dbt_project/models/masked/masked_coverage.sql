{{ config(alias="coverage") }}

select
    {{ masked_columns("coverage") }}
from {{ ref("coverage") }}
