{#- All that was ever sent in about a person, whatever became of it, with the version that counts today. -#}
{% for list, versions, rows in [
    ("L1", ref("stg_l1__basic_info_versions"), ref("stg_l1__basic_info")),
    ("L2", ref("stg_l2__training_versions"), ref("stg_l2__training")),
    ("L3", ref("stg_l3__transfer_employment_versions"), ref("stg_l3__transfer_employment")),
    ("L4", ref("stg_l4__self_employment_versions"), ref("stg_l4__self_employment")),
    ("L5", ref("stg_l5__public_post_versions"), ref("stg_l5__public_post")),
    ("E01", ref("stg_e01__visit_versions"), ref("stg_e01__visit")),
    ("E02", ref("stg_e02__payment_versions"), ref("stg_e02__payment")),
    ("H02", ref("stg_h02__member_versions"), ref("stg_h02__member")),
] %}
select
    r.row_id,
    r.person_sk,
    '{{ list }}' as list,
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
from {{ versions }} as r
inner join {{ ref("stg_ops__submission") }} as s on s.submission_id = r.submission_id
left join {{ rows }} as n on n.row_id = r.row_id
where r.person_sk is not null and s.business_date <= {{ business_date() }}
{{ "union all" if not loop.last }}
{% endfor %}
