{{ config(alias="care") }}

select
    {{ masked_columns("care") }}
from {{ ref("care") }}
