{{ config(alias="fund_line") }}

select
    {{ masked_columns("fund_line") }}
from {{ ref("fund_line") }}
