{#-
    What each person does on the business date. The newest evidence wins, on one day the heavier. A word of work
    counts only with an open row of a list that was confirmed within the half year; else it is 待核实. Of two that weigh
    the same the list and the key of the row decide, never which came first: the ledger's numbers are the last resort.
-#}
with ranked as (
    select
        e.*,
        e.status in ('转移就业', '公益性岗位', '自主创业', '灵活就业') as is_work,
        row_number() over (
            partition by e.person_sk
            order by (e.weight = 0) desc, e.as_of desc, e.weight, e.list desc, e.key, e.submission_id desc, e.row_no
        ) as nth
    from {{ ref("int_people__status_evidence") }} as e
),

spell as (
    select
        s.*,
        row_number() over (
            partition by s.person_sk
            order by s.confirmed_on desc, s.list desc, s.start_on desc nulls last, s.key, s.row_id
        ) as nth,
        row_number() over (
            partition by s.person_sk, s.status
            order by s.confirmed_on desc, s.list desc, s.start_on desc nulls last, s.key, s.row_id
        ) as nth_of_status
    from {{ ref("int_work__spell") }} as s
    where s.is_employed and s.person_sk is not null
),

judged as (
    select
        p.person_sk,
        p.county_code,
        w.status as said,
        w.is_work,
        w.weight,
        w.list,
        w.submission_id,
        w.sheet,
        w.row_no,
        w.as_of,
        r.is_pupil,
        r.is_over_age,
        -- The spell that bears the newest word out; failing that, the one that was confirmed last.
        coalesce(same.row_id, other.row_id) as spell_row_id
    from {{ ref("int_people__person") }} as p
    left join ranked as w on w.person_sk = p.person_sk and w.nth = 1
    left join {{ ref("int_people__register_person") }} as r on r.person_sk = p.person_sk
    left join spell as same on same.person_sk = p.person_sk and same.status = w.status and same.nth_of_status = 1
    left join spell as other on other.person_sk = p.person_sk and other.nth = 1
),

decided as (
    select
        j.*,
        s.status as spell_status,
        s.start_on,
        s.confirmed_on,
        s.list as spell_list,
        s.submission_id as spell_submission_id,
        s.sheet as spell_sheet,
        s.row_no as spell_row_no,
        j.as_of >= {{ business_date() }} - {{ parameter("stale_days", "j.county_code") }}::integer as is_fresh
    from judged as j
    left join {{ ref("int_work__spell") }} as s on s.row_id = j.spell_row_id and j.is_work
),

named as (
    select
        d.*,
        case
            when d.weight = 0 then d.said
            when d.spell_status is not null then d.spell_status
            when d.is_fresh and not d.is_work then d.said
            when d.is_pupil then '在校'
            when d.said is null and d.is_over_age then '超龄'
            else '待核实'
        end as current_status
    from decided as d
)

select
    person_sk,
    current_status,
    said as status_said,
    coalesce(spell_row_id is not null and spell_status is not null, false) as is_employed,
    coalesce(spell_list, list) as status_list,
    coalesce(spell_submission_id, submission_id) as status_submission_id,
    case when spell_list is null then sheet else spell_sheet end as status_sheet,
    coalesce(spell_row_no, row_no) as status_row_no,
    case when spell_list is null then as_of else start_on end as status_since,
    greatest(confirmed_on, as_of) as status_confirmed_on,
    current_status = '待核实' as is_stale,
    -- L1 says work, and no list has a row of it.
    coalesce(is_work, false) and spell_status is null as is_work_without_list
from named
