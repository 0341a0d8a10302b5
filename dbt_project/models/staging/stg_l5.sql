with kept as (
    {{ kept_versions("l5") }}
)

select *
from kept as r
where
    not exists (
        select 1 from {{ ref("contradicted_row") }} as c where c.rule = 'X15' and c.row_id = r.row_id
    )
