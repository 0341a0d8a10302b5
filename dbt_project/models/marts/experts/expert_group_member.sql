select *
from {{ ref("int_experts__expert_group_member") }}
