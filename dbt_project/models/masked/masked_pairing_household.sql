{{ config(alias="pairing_household") }}

select
    {{ masked_columns("pairing_household") }}
from {{ ref("pairing_household") }}
