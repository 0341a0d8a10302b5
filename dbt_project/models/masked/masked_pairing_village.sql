{{ config(alias="pairing_village") }}

select
    {{ masked_columns("pairing_village") }}
from {{ ref("pairing_village") }}
