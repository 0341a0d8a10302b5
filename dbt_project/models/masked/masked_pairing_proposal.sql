{{ config(alias="pairing_proposal", tags=["proposal"]) }}

select
    {{ masked_columns("pairing_proposal") }}
from {{ ref("pairing_proposal") }}
