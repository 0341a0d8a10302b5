with carried as (
    select
        county_code,
        rx_no,
        count(distinct household_no) as visited_households,
        count(distinct household_no) filter (where execution = '已落实') as carried_out_households
    from {{ ref("stg_t10__prescription_visit") }}
    group by county_code, rx_no
)

select
    {{ row_columns() }},
    r.rx_no,
    r.industry,
    r.expert,
    e.person_sk,
    r.issued_on,
    r.symptom,
    r.measures,
    r.households,
    r.valid_to as valid_to_on,
    r.case_no,
    coalesce(c.visited_households, 0)::integer as visited_households,
    coalesce(c.carried_out_households, 0)::integer as carried_out_households,
    copied.row_id is not null as is_copied,
    outsider.row_id is not null as is_by_outsider,
    r.issued_on <= {{ business_date() }} and coalesce(r.valid_to, 'infinity') >= {{ business_date() }} as is_current
from {{ ref("stg_t09__prescription") }} as r
{{ row_joins() }}
left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
left join carried as c on c.county_code = r.county_code and c.rx_no = r.rx_no
left join {{ ref("int_row_conflicts__k71_copied_prescription") }} as copied on copied.row_id = r.row_id
left join {{ ref("int_row_conflicts__k73_not_of_the_team") }} as outsider on outsider.row_id = r.row_id
