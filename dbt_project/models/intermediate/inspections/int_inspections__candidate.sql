{#-
    Where an inspection could go: villages, and the households in them (a person of no household alone), each with how
    much speaks for a visit. Who has nothing against them stands here too: a visit that only comes to the suspected is
    no surprise to the others.
-#}
with home as (
    {{ newest_households() }}
),

risk as (
    select
        r.*,
        w.points
    from {{ ref("int_inspections__risk") }} as r
    inner join {{ ref("inspection_weight") }} as w on w.reason = r.reason
    where r.village_code is not null
),

counted as (
    select
        village_code,
        coalesce(household_sk, person_sk) as subject_sk,
        {% for reason in ["status_conflict", "drag_fill", "unpaired", "stale"] %}
        coalesce(sum(item_count) filter (where reason = '{{ reason }}'), 0)::integer as {{ reason }}_count,
        {% endfor %}
        sum(item_count * points)::integer as risk_points,
        -- The first of those in question: whom a visit asks for.
        (array_agg(person_sk order by points desc, person_sk) filter (where person_sk is not null))[1] as person_sk
    from risk
    group by grouping sets ((village_code), (village_code, coalesce(household_sk, person_sk)))
    having grouping(coalesce(household_sk, person_sk)) = 1 or coalesce(household_sk, person_sk) is not null
),

subject as (
    select
        h.household_sk as subject_sk,
        h.household_sk,
        h.head_person_sk,
        h.head_name,
        r.group_no::text as group_no,
        h.village_code
    from {{ ref("int_people__household") }} as h
    inner join home as r on r.household_sk = h.household_sk
    where h.village_code is not null
    union all
    select distinct
        person_sk as subject_sk,
        null::uuid as household_sk,
        null::uuid as head_person_sk,
        null as head_name,
        null as group_no,
        village_code
    from risk
    where household_sk is null and person_sk is not null
),

found as (
    select
        'village' as line_kind,
        v.village_code,
        null::uuid as subject_sk,
        null::uuid as household_sk,
        null::uuid as head_person_sk,
        null as head_name,
        null as group_no,
        v.village_code as draw_of
    from {{ ref("int_places__place") }} as v
    where v.level = 'village' and v.is_current
    union all
    select
        case when household_sk is null then 'person' else 'household' end as line_kind,
        village_code,
        subject_sk,
        household_sk,
        head_person_sk,
        head_name,
        group_no,
        subject_sk::text as draw_of
    from subject
)

select
    f.line_kind,
    v.county_code,
    v.town_code,
    v.village_code,
    f.subject_sk,
    f.household_sk,
    f.head_name,
    f.group_no,
    f.draw_of,
    case when f.line_kind <> 'village' then coalesce(c.person_sk, f.head_person_sk) end as person_sk,
    coalesce(c.status_conflict_count, 0) as status_conflict_count,
    coalesce(c.drag_fill_count, 0) as drag_fill_count,
    coalesce(c.unpaired_count, 0) as unpaired_count,
    coalesce(c.stale_count, 0) as stale_count,
    coalesce(c.risk_points, 0) as risk_points,
    {{ quarter_of(business_date()) }} as period,
    -- Anybody can work the same number out again: from county, quarter and what is drawn.
    (
        (
            'x' || left(md5(concat_ws('/', v.county_code, {{ quarter_of(business_date()) }}, f.draw_of)), 8)
        )::bit(32)::bigint + 0.5
    ) / 4294967296.0 as lot
from found as f
inner join {{ ref("int_places__place") }} as v
    on v.level = 'village' and v.village_code = f.village_code and v.is_current
left join counted as c
    on c.village_code = f.village_code and c.subject_sk is not distinct from f.subject_sk
