{{ config(materialized="view") }}

select
    {{ row_columns() }},
    r.quarter,
    r.persons,
    coalesce(w.persons, 0)::integer as persons_listed,
    (r.persons - coalesce(w.persons, 0))::integer as persons_difference,
    c.is_poor as is_poor_village,
    r.list_ref,
    r.fund_yuan,
    r.quarter = to_char({{ business_date() }}, 'YYYY-"Q"Q') as is_current
from {{ ref("stg_e08__village_collective") }} as r
{{ row_joins() }}
left join {{ ref("int_places__place") }} as c on c.level = 'village' and c.place_code = r.village_code
left join (
    select
        village_code,
        to_char(start_on, 'YYYY-"Q"Q') as quarter,
        count(distinct person_sk) as persons
    from {{ ref("stg_l3__transfer_employment") }}
    where channel = '村集体组织'
    group by village_code, to_char(start_on, 'YYYY-"Q"Q')
) as w on w.village_code = r.village_code and w.quarter = r.quarter
