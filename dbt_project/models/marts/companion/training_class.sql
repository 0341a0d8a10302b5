with trainee as (
    select
        county_code,
        class_no,
        count(distinct person_sk) as trained,
        count(distinct person_sk) filter (where result = '合格') as passed,
        sum(amount_yuan) as subsidy_yuan
    from {{ ref("stg_l2__training") }}
    group by county_code, class_no
)

select
    {{ row_columns() }},
    r.class_no,
    r.order_no,
    r.train_type,
    r.occupation,
    r.level,
    r.org_name,
    r.org_uscc,
    r.teacher_src,
    r.teachers,
    r.mode,
    r.place,
    r.plan_size,
    coalesce(c.trained, 0)::integer as trained,
    coalesce(c.passed, 0)::integer as passed,
    r.start_on,
    r.end_on,
    r.hours,
    r.doc_no,
    r.budget_yuan,
    c.subsidy_yuan::numeric(14, 2) as subsidy_yuan,
    {{ business_date() }} between r.start_on and r.end_on as is_current
from {{ ref("stg_e10__training_class") }} as r
{{ row_joins() }}
left join trainee as c on c.county_code = r.county_code and c.class_no = r.class_no
