select *
from {{ ref("int_experts__demonstration_base") }}
