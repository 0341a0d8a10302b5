-- Where the newest version of a row stands for a town that gives way, the version of the town that keeps it counts.
select r.*
from {{ source("raw", "l1") }} as r
inner join (
    select coalesce(c.other_row_id, n.row_id) as row_id
    from {{ source("raw", "l1_now") }} as n
    left join {{ ref("contradicted_row") }} as c on c.list = 'L1' and c.row_id = n.row_id
) as k on k.row_id = r.row_id
