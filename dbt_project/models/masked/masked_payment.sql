{{ config(alias="payment") }}

select
    {{ masked_columns("payment") }}
from {{ ref("payment") }}
