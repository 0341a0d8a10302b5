select *
from {{ ref("int_targets__coverage_quarter") }}
