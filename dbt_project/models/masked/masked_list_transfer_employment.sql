{{ config(alias="list_transfer_employment") }}

select
    {{ masked_columns("list_transfer_employment") }}
from {{ ref("list_transfer_employment") }}
