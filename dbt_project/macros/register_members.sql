{#- Every person of the register on the business date, once, with what follows from age, school and ability to work. -#}
{% macro register_members() %}
with member as (
    select
        m.person_sk,
        m.id_no,
        m.name,
        m.phone,
        m.ethnic,
        m.edu,
        m.rel_to_head,
        m.household_no,
        m.school,
        m.health,
        m.labour_capacity,
        m.member_state,
        m.as_of,
        m.submission_id,
        m.sheet,
        m.row_no,
        coalesce(h.household_sk, m.household_sk) as household_sk,
        h.poverty_status,
        coalesce(h.county_code, m.county_code) as county_code,
        coalesce(h.town_code, m.town_code) as town_code,
        coalesce(h.village_code, m.village_code) as village_code,
        {{ id_sex("m.id_no") }} as sex,
        {{ id_birth("m.id_no") }} as birth_date,
        row_number() over (
            partition by m.person_sk order by (m.member_state = '在册') desc, m.as_of desc, m.row_id
        ) as nth
    from {{ ref("stg_h02__member") }} as m
    left join
        {{ ref("stg_h01__household") }} as h
        on h.household_no = m.household_no and h.county_code = m.county_code
    where m.person_sk is not null
),

aged as (
    select
        m.*,
        {{ age_on("m.birth_date", business_date()) }} as age_asof
    from member as m
    where m.nth = 1
)

select
    a.person_sk,
    a.id_no,
    a.name,
    a.sex,
    a.birth_date,
    a.age_asof,
    a.phone,
    a.ethnic,
    a.edu,
    a.rel_to_head,
    a.household_no,
    a.household_sk,
    a.school,
    a.health,
    a.labour_capacity,
    a.member_state,
    a.poverty_status,
    a.county_code,
    a.town_code,
    a.village_code,
    a.as_of,
    a.submission_id,
    a.sheet,
    a.row_no,
    coalesce(a.school <> '非在校生', false) as is_pupil,
    coalesce(a.age_asof > limits.max_age, false) as is_over_age,
    -- Over the age limit and still able to work is counted; under it or at school is not.
    a.member_state = '在册'
    and a.age_asof >= limits.min_age
    and coalesce(a.labour_capacity in ('普通劳动力', '技能劳动力', '弱劳动力或半劳动力'), false)
    and coalesce(a.school, '非在校生') = '非在校生' as is_labourer
from aged as a
left join lateral (
    select
        l.min_age,
        l.max_age
    from {{ ref("labour_age") }} as l
    where
        l.list = 'register'
        and l.sex = a.sex
        and (l.jurisdiction = '*' or a.county_code like l.jurisdiction || '%')
        and {{ business_date() }} between l.valid_from and coalesce(l.valid_to, 'infinity')
    order by l.jurisdiction <> '*' desc, length(l.jurisdiction) desc
    limit 1
) as limits on true
{% endmacro %}
