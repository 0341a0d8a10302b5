{#- Each line of the samples that were drawn, with what came of it: when it was visited, what was found. -#}
with told as (
    select
        county_code,
        sample_no,
        min(found_on) filter (where result is distinct from '未走访') as visited_on
    from {{ ref("stg_e14__inspection_finding") }}
    where sample_no is not null and found_on <= {{ business_date() }}
    group by county_code, sample_no
),

problem as (
    select
        county_code,
        sample_no,
        count(*)::integer as finding_count,
        count(*) filter (where is_open)::integer as open_count,
        count(*) filter (where is_open and is_overdue)::integer as overdue_count
    from {{ ref("int_inspections__finding") }}
    where sample_no is not null
    group by county_code, sample_no
)

select
    s.*,
    t.visited_on,
    coalesce(p.finding_count, 0) as finding_count,
    coalesce(p.open_count, 0) as open_count,
    coalesce(p.overdue_count, 0) as overdue_count,
    case
        when p.finding_count > 0 then '发现问题'
        when t.visited_on is not null then '未发现问题'
        else '未走访'
    end as result,
    t.visited_on is null and s.due_on < {{ business_date() }} as is_overdue
from {{ ref("stg_ops__inspection_sample") }} as s
left join told as t on t.county_code = s.county_code and t.sample_no = s.sample_no
left join problem as p on p.county_code = s.county_code and p.sample_no = s.sample_no
