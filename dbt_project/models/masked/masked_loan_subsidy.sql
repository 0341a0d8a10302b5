{{ config(alias="loan_subsidy") }}

select
    {{ masked_columns("loan_subsidy") }}
from {{ ref("loan_subsidy") }}
