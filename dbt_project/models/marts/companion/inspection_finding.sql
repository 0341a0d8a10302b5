select *
from {{ ref("int_inspections__finding") }}
