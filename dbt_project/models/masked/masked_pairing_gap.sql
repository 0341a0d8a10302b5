{{ config(alias="pairing_gap") }}

select
    {{ masked_columns("pairing_gap") }}
from {{ ref("pairing_gap") }}
