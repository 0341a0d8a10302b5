with home as (
    select
        county_code,
        base_name,
        count(distinct household_no) as filed_households,
        count(distinct household_no) filter (where how = '入股') as filed_share_households
    from {{ ref("stg_t13h") }}
    where coalesce(valid_to, 'infinity') >= {{ business_date() }}
    group by county_code, base_name
),

newest as (
    select
        *,
        row_number() over (
            partition by county_code, base_name order by assessed_on desc nulls last, row_id
        ) as nth
    from {{ ref("stg_t13") }}
)

select
    {{ row_columns() }},
    r.base_name,
    coalesce(r.year, extract(year from r.assessed_on)::integer) as year,
    r.industry,
    r.layer,
    r.entity,
    r.uscc,
    r.scale,
    r.uom,
    r.expert,
    e.person_sk,
    r.households,
    r.share_households,
    coalesce(h.filed_households, 0)::integer as filed_households,
    coalesce(h.filed_share_households, 0)::integer as filed_share_households,
    r.project_no,
    r.c1 as has_scale,
    r.c2 as has_facilities,
    r.c3 as has_project,
    r.c4 as has_shares,
    r.c5 as has_feature,
    r.c6 as has_location,
    num_nonnulls(
        nullif(r.c1, false), nullif(r.c2, false), nullif(r.c3, false), nullif(r.c4, false), nullif(r.c5, false),
        nullif(r.c6, false)
    ) as criteria_met,
    r.score,
    r.grade,
    r.selected_on,
    r.selected_on is not null as is_selected,
    r.effect,
    r.cited_on,
    r.assessed_on,
    r.award_yuan,
    r.nth = 1 as is_current
from newest as r
{{ row_joins() }}
left join {{ ref("expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
left join home as h on h.county_code = r.county_code and h.base_name = r.base_name
