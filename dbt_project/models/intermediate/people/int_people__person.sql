{#- Everyone in the register or on a list: what the register says, else what the newest row says. -#}
with seen as (
    {% for list, rows, id_no, name, phone in [
        ("L1", ref("stg_l1__basic_info"), "id_no", "name", "phone"),
        ("L2", ref("stg_l2__training"), "id_no", "name", "phone"),
        ("L3", ref("stg_l3__transfer_employment"), "id_no", "name", "phone"),
        ("L4", ref("stg_l4__self_employment"), "id_no", "name", "phone"),
        ("L5", ref("stg_l5__public_post"), "id_no", "name", "phone"),
        ("E01", ref("stg_e01__visit"), "id_no", "name", "phone"),
        ("E02", ref("stg_e02__payment"), "payee_id", "payee", "null::text"),
    ] %}
    select
        '{{ list }}' as list,
        person_sk,
        {{ id_no }} as id_no,
        {{ name }} as name,
        {{ phone }} as phone,
        {{ "null::text" if list == "E02" else "ethnic" }} as ethnic,
        {{ "null::text" if list == "E02" else "edu" }} as edu,
        household_sk,
        county_code,
        town_code,
        village_code,
        submission_id,
        row_id,
        in_register,
        {{ known_on("as_of") }} as as_of
    from {{ rows }}
    where person_sk is not null
    union all
    {% endfor %}
    select
        list,
        person_sk,
        id_no,
        name,
        null as phone,
        null as ethnic,
        null as edu,
        null as household_sk,
        county_code,
        town_code,
        village_code,
        submission_id,
        row_id,
        in_register,
        as_of
    from {{ ref("int_work__sent_back_spell") }}
    where in_register
),

newest as (
    select distinct on (person_sk) *
    from seen
    order by person_sk, (id_no is not null) desc, as_of desc, list, row_id
),

gathered as (
    select
        person_sk,
        min(as_of) as first_seen_on,
        max(as_of) as last_seen_on,
        array_agg(distinct submission_id order by submission_id) as submissions
    from seen
    group by person_sk
)

select
    coalesce(p.person_sk, n.person_sk) as person_sk,
    coalesce(p.id_no, n.id_no) as id_no,
    coalesce(p.name, n.name) as name,
    coalesce(p.sex, {{ id_sex("n.id_no") }}) as sex,
    coalesce(p.birth_date, {{ id_birth("n.id_no") }}) as birth_date,
    coalesce(n.phone, p.phone) as phone,
    coalesce(p.ethnic, n.ethnic) as ethnic,
    coalesce(p.edu, n.edu) as edu,
    coalesce(p.household_sk, n.household_sk) as household_sk,
    coalesce(p.county_code, n.county_code) as county_code,
    coalesce(p.town_code, n.town_code) as town_code,
    coalesce(p.village_code, n.village_code) as village_code,
    p.person_sk is not null as in_register,
    coalesce(p.is_labourer, false) as is_labourer,
    n.person_sk is not null as on_a_list,
    g.first_seen_on,
    g.last_seen_on,
    coalesce(g.submissions, '{}') as submissions
from {{ ref("int_people__register_person") }} as p
full outer join newest as n on n.person_sk = p.person_sk
left join gathered as g on g.person_sk = n.person_sk
