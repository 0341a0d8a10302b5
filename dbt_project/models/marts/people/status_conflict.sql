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
        true as is_counted
    from {{ ref("spell") }} as s
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
        b.employer as counterpart_norm,
        null as region,
        null as registered_as,
        b.amount_yuan,
        true as is_running,
        coalesce(b.start_on, '-infinity') <= {{ business_date() }}
        and coalesce(b.end_on, 'infinity') >= {{ business_date() }} as is_open,
        false as is_counted
    from {{ ref("sent_back_spell") }} as b
),

spell_pair as (
    select
        a.list || 'x' || b.list as kind,
        case
            when b.list = 'L5' and a.list in ('L3', 'L5') then 'Q'
            when b.list = 'L5' and a.registered_as is not null then 'Q'
            else 'W'
        end as verdict,
        a.person_sk,
        a.list as a_list,
        a.row_id as a_row_id,
        a.submission_id as a_submission_id,
        a.sheet as a_sheet,
        a.row_no as a_row_no,
        a.county_code as a_county_code,
        a.town_code as a_town_code,
        a.start_on as a_start_on,
        a.end_on as a_end_on,
        a.amount_yuan as a_amount_yuan,
        b.list as b_list,
        b.row_id as b_row_id,
        b.submission_id as b_submission_id,
        b.sheet as b_sheet,
        b.row_no as b_row_no,
        b.county_code as b_county_code,
        b.town_code as b_town_code,
        b.start_on as b_start_on,
        b.end_on as b_end_on,
        b.amount_yuan as b_amount_yuan,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        a.is_open and b.is_open as is_open
    from spell as a
    inner join
        spell as b
        on
            b.person_sk = a.person_sk
            and (a.list < b.list or a.list = b.list and (a.start_on, a.row_id) < (b.start_on, b.row_id))
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
    from {{ ref("stg_l2") }}
    where person_sk is not null and start_on is not null
),

class_pair as (
    select
        'L2xL2' as kind,
        'W' as verdict,
        a.person_sk,
        'L2' as a_list,
        a.row_id as a_row_id,
        a.submission_id as a_submission_id,
        a.sheet as a_sheet,
        a.row_no as a_row_no,
        a.county_code as a_county_code,
        a.town_code as a_town_code,
        a.start_on as a_start_on,
        a.end_on as a_end_on,
        a.amount_yuan as a_amount_yuan,
        'L2' as b_list,
        b.row_id as b_row_id,
        b.submission_id as b_submission_id,
        b.sheet as b_sheet,
        b.row_no as b_row_no,
        b.county_code as b_county_code,
        b.town_code as b_town_code,
        b.start_on as b_start_on,
        b.end_on as b_end_on,
        b.amount_yuan as b_amount_yuan,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        {{ business_date() }} between greatest(a.start_on, b.start_on) and least(a.end_on, b.end_on) as is_open
    from class as a
    inner join class as b on b.person_sk = a.person_sk and (a.start_on, a.row_id) < (b.start_on, b.row_id)
    where b.start_on <= a.end_on
    union all
    select
        'L2xL3' as kind,
        'W' as verdict,
        a.person_sk,
        'L2' as a_list,
        a.row_id as a_row_id,
        a.submission_id as a_submission_id,
        a.sheet as a_sheet,
        a.row_no as a_row_no,
        a.county_code as a_county_code,
        a.town_code as a_town_code,
        a.start_on as a_start_on,
        a.end_on as a_end_on,
        a.amount_yuan as a_amount_yuan,
        b.list as b_list,
        b.row_id as b_row_id,
        b.submission_id as b_submission_id,
        b.sheet as b_sheet,
        b.row_no as b_row_no,
        b.county_code as b_county_code,
        b.town_code as b_town_code,
        b.start_on as b_start_on,
        b.end_on as b_end_on,
        b.amount_yuan as b_amount_yuan,
        greatest(a.start_on, b.start_on) as overlap_from_on,
        least(a.end_on, b.end_on) as overlap_to_on,
        {{ business_date() }} between a.start_on and a.end_on and b.is_open as is_open
    from class as a
    inner join spell as b on b.person_sk = a.person_sk and b.list = 'L3'
    where
        coalesce(b.start_on, '-infinity') <= a.end_on
        and coalesce(b.end_on, 'infinity') >= a.start_on
        and b.region in ('市内县外', '省内市外', '省外', '境外')
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
    from {{ ref("register_person") }} as r
    where r.member_state in ('死亡', '服刑', '参军', '迁出') or r.is_pupil
),

latest_l1 as (
    select distinct on (person_sk) *
    from {{ ref("stg_l1") }}
    where person_sk is not null
    order by person_sk, period desc, row_id
),

one_sided as (
    select
        r.state || 'x' || s.list as kind,
        'Q' as verdict,
        s.person_sk,
        'H02' as a_list,
        null::uuid as a_row_id,
        r.submission_id as a_submission_id,
        r.sheet as a_sheet,
        r.row_no as a_row_no,
        r.county_code as a_county_code,
        r.town_code as a_town_code,
        s.row_id,
        s.is_open
    from register_state as r
    inner join spell as s on s.person_sk = r.person_sk
    where s.is_open
    union all
    select
        'L1x' || s.list as kind,
        'W' as verdict,
        s.person_sk,
        'L1' as a_list,
        l.row_id as a_row_id,
        l.submission_id as a_submission_id,
        l.sheet as a_sheet,
        l.row_no as a_row_no,
        l.county_code as a_county_code,
        l.town_code as a_town_code,
        s.row_id,
        s.is_open
    from latest_l1 as l
    inner join spell as s on s.person_sk = l.person_sk
    where
        s.is_open
        and s.is_counted
        and (l.emp_status = '未就业' or l.labour_capacity in ('丧失劳动力', '无劳动力'))
),

found as (
    select *
    from spell_pair
    union all
    select *
    from class_pair
    union all
    select
        o.kind,
        o.verdict,
        o.person_sk,
        o.a_list,
        o.a_row_id,
        o.a_submission_id,
        o.a_sheet,
        o.a_row_no,
        o.a_county_code,
        o.a_town_code,
        null::date as a_start_on,
        null::date as a_end_on,
        null::numeric as a_amount_yuan,
        s.list as b_list,
        s.row_id as b_row_id,
        s.submission_id as b_submission_id,
        s.sheet as b_sheet,
        s.row_no as b_row_no,
        s.county_code as b_county_code,
        s.town_code as b_town_code,
        s.start_on as b_start_on,
        s.end_on as b_end_on,
        s.amount_yuan as b_amount_yuan,
        s.start_on as overlap_from_on,
        s.end_on as overlap_to_on,
        o.is_open
    from one_sided as o
    inner join spell as s on s.row_id = o.row_id
)

select
    md5(f.kind || coalesce(f.a_row_id::text, f.person_sk::text) || f.b_row_id::text)::uuid as conflict_key,
    f.person_sk,
    f.kind,
    f.verdict,
    coalesce(p.county_code, f.b_county_code) as county_code,
    coalesce(p.town_code, f.b_town_code) as town_code,
    f.a_list,
    f.a_submission_id,
    f.a_sheet,
    f.a_row_no,
    f.a_county_code,
    f.a_town_code,
    f.a_start_on,
    f.a_end_on,
    f.a_amount_yuan,
    f.b_list,
    f.b_submission_id,
    f.b_sheet,
    f.b_row_no,
    f.b_county_code,
    f.b_town_code,
    f.b_start_on,
    f.b_end_on,
    f.b_amount_yuan,
    f.overlap_from_on,
    f.overlap_to_on,
    f.is_open,
    -- Who holds a post beside other work is paid for the month in which that began, not for those after it.
    case
        when f.b_list = 'L5' and f.verdict = 'Q'
            then (date_trunc('month', coalesce(f.overlap_from_on, {{ business_date() }})) + interval '1 month')::date
    end as pay_stops_on
from found as f
left join {{ ref("person") }} as p on p.person_sk = f.person_sk
