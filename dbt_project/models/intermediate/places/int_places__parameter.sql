{#- The defaults, and beside them what a county has set for itself: macro `parameter` chooses. -#}
select
    name,
    jurisdiction,
    value,
    valid_from,
    valid_to,
    false as is_set_here
from {{ ref("parameter") }}
union all
select
    name,
    jurisdiction,
    value,
    valid_from,
    valid_to,
    true as is_set_here
from {{ ref("stg_ops__parameter") }}
