{#- All that was ever sent in about a person, whatever became of it, with the version that counts today. -#}
{% for list in ["l1", "l2", "l3", "l4", "l5", "e01", "e02", "h02"] %}
select
    r.row_id,
    r.person_sk,
    '{{ list | upper }}' as list,
    r.submission_id,
    s.receipt_no,
    s.business_date as received_for_on,
    r.received_at,
    r.sheet,
    r.row_no,
    r.period,
    r.as_of as as_of_on,
    r.fill_date as filled_on,
    r.fate,
    r.fate_rule,
    r.link_tier,
    s.undone_at is not null as is_undone,
    n.row_id is not null as is_current,
    r.county_code,
    r.town_code,
    r.village_code
from {{ source("raw", list) }} as r
inner join {{ source("ops", "submission") }} as s on s.submission_id = r.submission_id
left join {{ ref("stg_" ~ list) }} as n on n.row_id = r.row_id
where r.person_sk is not null and s.business_date <= {{ business_date() }}
{{ "union all" if not loop.last }}
{% endfor %}
