with spell as (
    select
        s.list,
        s.row_id,
        s.submission_id,
        s.sheet,
        s.row_no,
        s.person_sk,
        s.county_code,
        s.town_code,
        s.start_on,
        s.end_on,
        s.counterpart_norm,
        s.region,
        s.registered_as,
        s.amount_yuan,
        s.is_running,
        s.is_open,
        concat_ws(' ', s.town_code, s.end_on, s.counterpart_norm) as said,
        true as is_counted
    from {{ ref("int_work__spell") }} as s
    where s.person_sk is not null
    union all
    select
        b.list,
        b.row_id,
        b.submission_id,
        b.sheet,
        b.row_no,
        b.person_sk,
        b.county_code,
        b.town_code,
        b.start_on,
        b.end_on,
        {{ employer_norm("b.employer") }} as counterpart_norm,
        null as region,
        null as registered_as,
        b.amount_yuan,
        true as is_running,
        coalesce(b.start_on, '-infinity') <= {{ business_date() }}
        and coalesce(b.end_on, 'infinity') >= {{ business_date() }} as is_open,
        concat_ws(' ', b.town_code, b.end_on, b.employer) as said,
        false as is_counted
    from {{ ref("int_work__sent_back_spell") }} as b
),

class as (
    select
        row_id,
        submission_id,
        sheet,
        row_no,
        person_sk,
        county_code,
        town_code,
        start_on,
        coalesce(end_on, start_on) as end_on,
        amount_yuan
    from {{ ref("stg_l2__training") }}
    where person_sk is not null and start_on is not null
),

latest_l1 as (
    {{ latest_l1() }}
),

register_state as (
    select
        r.person_sk,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.county_code,
        r.town_code,
        case
            when r.member_state = '死亡' then 'dead'
            when r.member_state = '服刑' then 'prison'
            when r.member_state = '参军' then 'army'
            when r.member_state = '迁出' then 'moved'
            when r.is_pupil then 'school'
        end as state
    from {{ ref("int_people__register_person") }} as r
    where r.member_state in ('死亡', '服刑', '参军', '迁出') or r.is_pupil
),

-- What a conflict can have on one of its sides: a row of a list, or the register's word of a person.
side as (
    {% for relation, list, key, start_on, end_on, amount_yuan in [
        ("spell", "list", "row_id", "start_on", "end_on", "amount_yuan"),
        ("class", "'L2'", "row_id", "start_on", "end_on", "amount_yuan"),
        ("latest_l1", "'L1'", "row_id", "null::date", "null::date", "null::numeric"),
        ("register_state", "'H02'", "person_sk", "null::date", "null::date", "null::numeric"),
    ] %}
    select
        {{ list }} as list,
        {{ key }} as side_key,
        submission_id,
        sheet,
        row_no,
        county_code,
        town_code,
        {{ start_on }} as start_on,
        {{ end_on }} as end_on,
        {{ amount_yuan }} as amount_yuan
    from {{ relation }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

found as (
    select
        a.list || 'x' || b.list as kind,
        case
            when b.list = 'L5' and a.list in ('L3', 'L5') then 'Q'
            when b.list = 'L5' and a.registered_as is not null then 'Q'
            else 'W'
        end as verdict,
        a.person_sk,
        a.row_id as a_key,
        b.row_id as b_key,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        a.is_open and b.is_open as is_open
    from spell as a
    inner join
        spell as b
        on
            b.person_sk = a.person_sk
            and (
                a.list < b.list
                or a.list = b.list
                -- Of two that begin on one day what they say gives the order: ids follow from the order of arrival.
                and (a.start_on, a.said, a.row_no, a.row_id) < (b.start_on, b.said, b.row_no, b.row_id)
            )
    where
        a.is_running
        and b.is_running
        and coalesce(least(a.end_on, b.end_on), {{ business_date() }})
        - coalesce(greatest(a.start_on, b.start_on), {{ business_date() }})
        > {{ parameter("overlap_days", "a.county_code") }}
        -- One employer twice is one row reported twice, not two jobs; a business at home leaves room for work at home.
        and not (a.list = 'L3' and b.list = 'L3' and coalesce(a.counterpart_norm = b.counterpart_norm, false))
        and not (a.list = 'L3' and b.list = 'L4' and coalesce(a.region in ('乡镇内', '县内'), true))
        and not (a.list = 'L4' and b.list = 'L4')
    union all
    select
        'L2xL2' as kind,
        'W' as verdict,
        a.person_sk,
        a.row_id as a_key,
        b.row_id as b_key,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        {{ business_date() }} between greatest(a.start_on, b.start_on) and least(a.end_on, b.end_on) as is_open
    from class as a
    inner join class as b
        on
            b.person_sk = a.person_sk
            and (a.start_on, coalesce(a.town_code, ''), a.end_on, a.row_no, a.row_id)
            < (b.start_on, coalesce(b.town_code, ''), b.end_on, b.row_no, b.row_id)
    where b.start_on <= a.end_on
    union all
    select
        'L2xL3' as kind,
        'W' as verdict,
        a.person_sk,
        a.row_id as a_key,
        b.row_id as b_key,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        {{ business_date() }} between a.start_on and a.end_on and b.is_open as is_open
    from class as a
    inner join spell as b on b.person_sk = a.person_sk and b.list = 'L3'
    where
        coalesce(b.start_on, '-infinity') <= a.end_on
        and coalesce(b.end_on, 'infinity') >= a.start_on
        and b.region in ('市内县外', '省内市外', '省外', '境外')
    union all
    select
        r.state || 'x' || s.list as kind,
        'Q' as verdict,
        s.person_sk,
        r.person_sk as a_key,
        s.row_id as b_key,
        s.start_on as overlap_from_on,
        s.end_on as overlap_to_on,
        s.is_open
    from register_state as r
    inner join spell as s on s.person_sk = r.person_sk
    where s.is_open
    union all
    select
        'L1x' || s.list as kind,
        'W' as verdict,
        s.person_sk,
        l.row_id as a_key,
        s.row_id as b_key,
        s.start_on as overlap_from_on,
        s.end_on as overlap_to_on,
        s.is_open
    from latest_l1 as l
    inner join spell as s on s.person_sk = l.person_sk
    where
        s.is_open
        and s.is_counted
        and (l.emp_status = '未就业' or l.labour_capacity in ('丧失劳动力', '无劳动力'))
)

select
    md5(f.kind || f.a_key::text || f.b_key::text)::uuid as conflict_key,
    f.person_sk,
    f.kind,
    f.verdict,
    coalesce(p.county_code, b.county_code) as county_code,
    coalesce(p.town_code, b.town_code) as town_code,
    {% for side in ["a", "b"] %}
    {{ side }}.list as {{ side }}_list,
    {{ side }}.submission_id as {{ side }}_submission_id,
    {{ side }}.sheet as {{ side }}_sheet,
    {{ side }}.row_no as {{ side }}_row_no,
    {{ side }}.county_code as {{ side }}_county_code,
    {{ side }}.town_code as {{ side }}_town_code,
    {{ side }}.start_on as {{ side }}_start_on,
    {{ side }}.end_on as {{ side }}_end_on,
    {{ side }}.amount_yuan as {{ side }}_amount_yuan,
    {% endfor %}
    f.overlap_from_on,
    f.overlap_to_on,
    f.is_open,
    -- Who holds a post beside other work is paid for the month in which that began, not for those after it.
    case
        when b.list = 'L5' and f.verdict = 'Q'
            then (date_trunc('month', coalesce(f.overlap_from_on, {{ business_date() }})) + interval '1 month')::date
    end as pay_stops_on
from found as f
inner join side as a on a.side_key = f.a_key
inner join side as b on b.side_key = f.b_key
left join {{ ref("int_people__person") }} as p on p.person_sk = f.person_sk
