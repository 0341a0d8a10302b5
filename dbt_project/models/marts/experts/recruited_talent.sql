select *
from {{ ref("int_experts__recruited_talent") }}
