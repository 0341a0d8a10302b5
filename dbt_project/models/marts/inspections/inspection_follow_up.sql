select *
from {{ ref("int_inspections__follow_up") }}
