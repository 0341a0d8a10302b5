select *
from {{ ref("int_work__employment_base") }}
