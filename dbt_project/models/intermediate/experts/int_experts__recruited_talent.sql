{{ config(materialized="view") }}

with needed as (
    select distinct
        county_code,
        need_no
    from {{ ref("stg_t02b__talent_need") }}
)

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.person_sk,
    r.id_no,
    r.name,
    r.phone,
    r.edu,
    r.county_code,
    r.town_code,
    r.route,
    r.talent_type,
    r.is_team,
    r.team_size,
    -- A person who was recruited alone is one, whatever stands in the column for teams.
    case when r.is_team then coalesce(r.team_size, 1) else 1 end::integer as persons,
    r.unit,
    r.project,
    r.industry,
    r.need_no,
    n.need_no is not null as meets_need,
    r.with_funds_yuan,
    r.with_technology,
    r.recruited_on,
    r.years,
    r.paid_yuan,
    r.paid_on,
    r.follower,
    r.recruited_on <= {{ business_date() }}
    and coalesce((r.recruited_on + make_interval(years => r.years))::date > {{ business_date() }}, true) as is_current,
    {{ business_date() }} as as_of_on
from {{ ref("stg_t02__recruited_talent") }} as r
left join needed as n on n.county_code = r.county_code and n.need_no = r.need_no
