with recruited as (
    select
        county_code,
        need_no,
        sum(persons)::integer as persons
    from {{ ref("int_experts__recruited_talent") }}
    where need_no is not null
    group by county_code, need_no
)

select
    r.row_id,
    r.submission_id,
    r.sheet,
    r.row_no,
    r.county_code,
    r.town_code,
    r.need_no,
    r.unit,
    r.industry,
    r.position,
    r.need,
    r.urgency,
    r.year,
    coalesce(h.persons, 0) as recruited,
    greatest(r.need - coalesce(h.persons, 0), 0) as gap,
    r.year = extract(year from {{ business_date() }}) as is_current,
    {{ business_date() }} as as_of_on
from {{ ref("stg_t02b__talent_need") }} as r
left join recruited as h on h.county_code = r.county_code and h.need_no = r.need_no
