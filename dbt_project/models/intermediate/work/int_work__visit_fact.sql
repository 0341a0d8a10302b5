with visit as (
    select
        v.*,
        row_number() over newest as nth,
        count(*) filter (where v.reached) over newest as reached_since
    from {{ ref("stg_e01__visit") }} as v
    where v.person_sk is not null and v.visited_on <= {{ business_date() }}
    window newest as (partition by v.person_sk order by v.visited_on desc, v.row_id)
)

select
    person_sk,
    max(visited_on) as last_visit_on,
    max(visited_on) filter (where reached) as last_reached_on,
    (count(*) filter (where reached_since = 0))::integer as unreached_in_a_row,
    max(visited_on) filter (where nth = 1 and not coalesce(reached, false)) as unreached_on
from visit
group by person_sk
