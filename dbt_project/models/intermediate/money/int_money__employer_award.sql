{{ config(materialized="view") }}

with claim as (
    select
        row_id,
        county_code,
        coalesce(uscc, {{ employer_norm("employer") }}) as claimant,
        from_month,
        to_month
    from {{ ref("stg_e07__employer_award") }}
),

twice as (
    select distinct a.row_id
    from claim as a
    inner join claim as b
        on
            b.county_code = a.county_code
            and b.claimant = a.claimant
            and b.row_id <> a.row_id
            and b.from_month <= a.to_month
            and b.to_month >= a.from_month
    union
    select d.row_id
    from {{ ref("int_money__double_claim") }} as c
    cross join lateral (
        values (c.a_list, c.a_row_id), (c.b_list, c.b_row_id)
    ) as d (list, row_id)
    where d.list = 'E07'
),

listed as (
    select
        row_id,
        count(distinct person_sk) as workers
    from {{ ref("int_money__award_worker") }}
    where covers
    group by row_id
)

select
    {{ row_columns() }},
    r.person_sk,
    case when {{ is_person_id("r.uscc") }} then r.uscc end as id_no,
    case when {{ is_person_id("r.uscc") }} then coalesce(p.name, r.employer) end as name,
    case when not {{ is_person_id("r.uscc") }} then r.uscc end as employer_uscc,
    case when not {{ is_person_id("r.uscc") }} then r.employer end as employer,
    r.claimant_type,
    a.policy,
    r.workers,
    coalesce(w.workers, 0)::integer as workers_listed,
    case
        when r.workers is not null then greatest(r.workers - coalesce(w.workers, 0), 0)::integer
    end as workers_missing,
    case
        when a.policy = '大学生创业奖励'
            then exists (
                select 1
                from {{ ref("stg_l4__self_employment") }} as v
                where v.person_sk = r.person_sk and v.is_student and v.is_returnee
            )
    end as founder_is_listed,
    r.list_ref,
    r.from_month,
    r.to_month,
    r.award_yuan,
    r.paid_on,
    d.row_id is not null as is_claimed_twice,
    to_char({{ business_date() }}, 'YYYY-MM') between r.from_month and r.to_month as is_current
from {{ ref("stg_e07__employer_award") }} as r
{{ row_joins() }}
left join {{ ref("int_people__person") }} as p on p.person_sk = r.person_sk
left join listed as w on w.row_id = r.row_id
left join twice as d on d.row_id = r.row_id
left join
    {{ ref("claimant_policy") }} as a
    on a.claimant_type = r.claimant_type
