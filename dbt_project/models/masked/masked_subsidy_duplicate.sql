{{ config(alias="subsidy_duplicate") }}

select
    {{ masked_columns("subsidy_duplicate") }}
from {{ ref("subsidy_duplicate") }}
