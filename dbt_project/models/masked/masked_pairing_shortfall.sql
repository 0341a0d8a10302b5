{{ config(alias="pairing_shortfall", tags=["proposal"]) }}

select
    {{ masked_columns("pairing_shortfall") }}
from {{ ref("pairing_shortfall") }}
