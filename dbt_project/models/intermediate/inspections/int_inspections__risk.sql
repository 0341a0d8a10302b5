{#-
    What speaks for a visit, one row a person (or household) and reason: an open conflict of lists, a number that was
    filled in by dragging, a poor household without a technician, a labourer of whom nothing is known any more.
-#}
with dragged as (
    {% for list, versions in [
        ("L1", ref("stg_l1__basic_info_versions")),
        ("L2", ref("stg_l2__training_versions")),
        ("L3", ref("stg_l3__transfer_employment_versions")),
        ("L4", ref("stg_l4__self_employment_versions")),
        ("L5", ref("stg_l5__public_post_versions")),
    ] %}
    select
        '{{ list }}' as list,
        row_id,
        person_sk,
        county_code,
        town_code,
        village_code
    from {{ versions }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

-- Mended or not: who fills down once does it again.
told as (
    select distinct f.row_id
    from {{ ref("stg_ops__finding") }} as f
    inner join {{ ref("stg_ops__submission") }} as s on s.submission_id = f.submission_id
    where
        f.rule = 'C10'
        and s.undone_at is null
        and s.business_date between
        {{ business_date() }} - {{ parameter("inspection_look_back_days", "s.county_code") }}::integer
        and {{ business_date() }}
),

of_person as (
    select
        'status_conflict' as reason,
        person_sk
    from {{ ref("int_people__status_conflict") }}
    where is_open
    union
    select
        'stale' as reason,
        s.person_sk
    from {{ ref("int_people__person_status") }} as s
    inner join {{ ref("int_people__labourer") }} as l on l.person_sk = s.person_sk
    where s.is_stale
    union
    select
        'drag_fill' as reason,
        d.person_sk
    from dragged as d
    inner join told as t on t.row_id = d.row_id
    where d.person_sk is not null
)

select
    o.reason,
    p.county_code,
    p.town_code,
    p.village_code,
    p.household_sk,
    p.person_sk,
    1 as item_count
from of_person as o
inner join {{ ref("int_people__person") }} as p on p.person_sk = o.person_sk
union all
-- A row whose person nobody knows speaks against its village.
select
    'drag_fill' as reason,
    d.county_code,
    d.town_code,
    d.village_code,
    null as household_sk,
    null as person_sk,
    count(*)::integer as item_count
from dragged as d
inner join told as t on t.row_id = d.row_id
where d.person_sk is null
group by d.county_code, d.town_code, d.village_code
union all
-- Once a household, however many trades it is in.
select distinct
    'unpaired' as reason,
    n.county_code,
    n.town_code,
    n.village_code,
    n.household_sk,
    null::uuid as person_sk,
    1 as item_count
from {{ ref("int_pairing__need") }} as n
where n.kind = 'household_technician' and not n.is_met and n.household_sk is not null
