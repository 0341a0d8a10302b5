select *
from {{ ref("int_experts__village_team_member") }}
