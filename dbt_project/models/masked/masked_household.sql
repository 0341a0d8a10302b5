{{ config(alias="household") }}

select
    {{ masked_columns("household") }}
from {{ ref("household") }}
