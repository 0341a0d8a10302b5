with prescribed as (
    select distinct on (county_code, rx_no)
        county_code,
        rx_no,
        industry
    from {{ ref("stg_t09__prescription") }}
    order by county_code, rx_no, issued_on desc nulls last, row_id
)

select
    {{ row_columns() }},
    r.household_sk,
    coalesce(h.household_no, r.household_no) as household_no,
    h.head_name,
    r.rx_no,
    p.industry,
    r.technician,
    e.person_sk,
    r.visited_on,
    r.execution,
    r.effect,
    r.signed as is_signed,
    p.rx_no is not null as has_prescription,
    other.row_id is null as is_by_paired,
    r.visited_on <= {{ business_date() }} as is_current
from {{ ref("stg_t10__prescription_visit") }} as r
{{ row_joins() }}
left join {{ ref("int_people__household") }} as h on h.household_sk = r.household_sk
left join prescribed as p on p.county_code = r.county_code and p.rx_no = r.rx_no
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.technician
left join {{ ref("int_row_conflicts__k72_other_technician") }} as other on other.row_id = r.row_id
