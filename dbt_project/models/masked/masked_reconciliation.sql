{{ config(alias="reconciliation") }}

select
    {{ masked_columns("reconciliation") }}
from {{ ref("reconciliation") }}
