{#- Everything that says what a person does, with its day and its weight on that day (1 weighs most). -#}
select
    person_sk,
    as_of,
    0 as weight,
    case member_state when '失踪' then '失联' else member_state end as status,
    'H02' as list,
    null::uuid as row_id,
    submission_id,
    sheet,
    row_no,
    null::text as key
from {{ ref("int_people__register_person") }}
where member_state <> '在册'
union all
select
    person_sk,
    {{ known_on(month_end("period")) }} as as_of,
    1 as weight,
    '公益性岗位' as status,
    'E02' as list,
    row_id,
    submission_id,
    sheet,
    row_no,
    key
from {{ ref("stg_e02__payment") }}
where
    policy = '公益性岗位补贴'
    and pay_status = '拨付'
    and person_sk is not null
    and period <= to_char({{ business_date() }}, 'YYYY-MM')
union all
select
    person_sk,
    visited_on as as_of,
    2 as weight,
    status_found as status,
    'E01' as list,
    row_id,
    submission_id,
    sheet,
    row_no,
    key
from {{ ref("stg_e01__visit") }}
where reached and status_found is not null and visited_on <= {{ business_date() }} and person_sk is not null
union all
select
    person_sk,
    as_of,
    case when is_proven then 3 else 4 end as weight,
    status,
    list,
    row_id,
    submission_id,
    sheet,
    row_no,
    key
from {{ ref("int_work__spell") }}
where is_open and person_sk is not null
union all
select
    person_sk,
    {{ known_on("as_of") }} as as_of,
    5 as weight,
    emp_status as status,
    'L1' as list,
    row_id,
    submission_id,
    sheet,
    row_no,
    key
from {{ ref("stg_l1__basic_info") }}
where emp_status is not null and person_sk is not null
