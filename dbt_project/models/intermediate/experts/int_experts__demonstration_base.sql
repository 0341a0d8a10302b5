{{ config(materialized="view") }}

with home as (
    select
        county_code,
        base_name,
        count(distinct household_no) as filed_households,
        count(distinct household_no) filter (where how = '入股') as filed_share_households
    from {{ ref("stg_t13h__base_household") }}
    where coalesce(valid_to, 'infinity') >= {{ business_date() }}
    group by county_code, base_name
),

newest as (
    select
        *,
        num_nonnulls(
            nullif(c1, false), nullif(c2, false), nullif(c3, false), nullif(c4, false), nullif(c5, false),
            nullif(c6, false)
        ) as criteria_met,
        count(*) filter (where award_yuan > 0) over (
            partition by
                county_code, coalesce(uscc, {{ employer_norm("coalesce(entity, base_name)") }}),
                coalesce(year, extract(year from assessed_on)::integer)
        ) as awards,
        row_number() over (
            partition by county_code, base_name order by assessed_on desc nulls last, row_id
        ) as nth
    from {{ ref("stg_t13__demonstration_base") }}
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
    r.criteria_met,
    r.score,
    r.grade,
    r.selected_on,
    -- The criteria decide the choice of a site: a mark that nobody can read meets none.
    r.selected_on is not null and r.criteria_met = 6 as is_selected,
    r.effect,
    r.cited_on,
    r.assessed_on,
    r.award_yuan,
    -- Whoever stands behind two bases is awarded once a year.
    coalesce(r.award_yuan > 0 and r.awards > 1, false) as is_claimed_twice,
    r.nth = 1 as is_current
from newest as r
{{ row_joins() }}
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
left join home as h on h.county_code = r.county_code and h.base_name = r.base_name
