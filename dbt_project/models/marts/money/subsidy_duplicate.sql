select *
from {{ ref("int_money__subsidy_duplicate") }}
