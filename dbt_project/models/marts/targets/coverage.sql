select *
from {{ ref("int_targets__judged_coverage") }}
