with snapshot as (
    select
        l.*,
        row_number() over (
            partition by l.person_sk order by l.period desc, l.version desc nulls last, l.row_id
        ) as nth
    from {{ ref("stg_l1__basic_info") }} as l
)

select
    {{ list_columns() }},
    coalesce(r.ethnic, p.ethnic) as ethnic,
    coalesce(r.edu, p.edu) as edu,
    r.rel_to_head,
    r.labour_capacity,
    r.health,
    r.school,
    r.skill,
    r.skill_level,
    r.emp_status,
    r.unemp_reason,
    r.emp_intent,
    r.intent_region,
    r.intent_job,
    r.intent_wage as intent_wage_yuan,
    r.train_intent,
    r.train_want,
    r.venture_intent,
    r.venture_want,
    r.poverty_status,
    r.exit_year,
    r.verified_on,
    r.verify_method,
    r.verified_on as confirmed_on,
    r.nth = 1 as is_current
from snapshot as r
{{ list_joins() }}
