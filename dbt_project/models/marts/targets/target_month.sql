select *
from {{ ref("int_targets__target_month") }}
