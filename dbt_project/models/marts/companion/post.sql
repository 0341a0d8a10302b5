with holder as (
    select
        county_code,
        post_no,
        count(distinct person_sk) as persons
    from {{ ref("int_work__list_public_post") }}
    where is_current and post_no is not null
    group by county_code, post_no
)

select
    {{ row_columns() }},
    r.post_no,
    r.post_type,
    r.manager_unit,
    r.developed_on,
    r.doc_no,
    r.closed_on,
    coalesce(h.persons, 0)::integer as persons_placed,
    coalesce(r.closed_on > {{ business_date() }}, true) and h.persons is not null as is_filled,
    coalesce(r.closed_on > {{ business_date() }}, true) and h.persons is null as is_vacant,
    coalesce(h.persons > 1, false) as is_double,
    r.developed_on <= {{ business_date() }}
    and coalesce(r.closed_on > {{ business_date() }}, true) as is_current
from {{ ref("stg_e15__post") }} as r
{{ row_joins() }}
left join holder as h on h.county_code = r.county_code and h.post_no = r.post_no
