{{ config(alias="base_household") }}

select
    {{ masked_columns("base_household") }}
from {{ ref("base_household") }}
