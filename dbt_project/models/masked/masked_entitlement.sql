{{ config(alias="entitlement") }}

select
    {{ masked_columns("entitlement") }}
from {{ ref("entitlement") }}
