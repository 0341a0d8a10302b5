select *
from {{ ref("int_work__village_collective") }}
