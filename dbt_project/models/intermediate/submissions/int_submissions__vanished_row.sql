{#-
    Rows that a unit's newest list of all its people no longer carries. A list that repeats less than half of what it
    said before is taken for a list of changes, from which nothing can vanish.
-#}
with running as (
    {% for list, rows in [
        ("L1", ref("stg_l1__basic_info")),
        ("L3", ref("stg_l3__transfer_employment")),
        ("L4", ref("stg_l4__self_employment")),
        ("L5", ref("stg_l5__public_post")),
    ] %}
    select
        '{{ list }}' as list,
        r.row_id,
        r.person_sk,
        r.county_code,
        r.unit_code,
        r.town_code,
        r.village_code,
        r.submission_id,
        r.sheet,
        r.row_no,
        r.period
    from {{ rows }} as r
    {% if list != "L1" %}
    inner join {{ ref("int_work__spell") }} as s on s.row_id = r.row_id and s.is_open
    {% else %}
    where
        r.person_sk is not null
        and not exists (
            select 1
            from {{ ref("stg_l1__basic_info") }} as later
            where later.person_sk = r.person_sk and later.period > r.period
        )
    {% endif %}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

judged as (
    select
        r.*,
        max(r.period) over sender as newest_period,
        count(*) over sender as held
    from running as r
    window sender as (partition by r.list, r.county_code, r.unit_code)
),

repeated as (
    select
        list,
        county_code,
        unit_code,
        count(*) filter (where period = newest_period) as repeated
    from judged
    group by list, county_code, unit_code
)

select
    j.list,
    j.row_id,
    j.person_sk,
    j.county_code,
    j.unit_code,
    j.town_code,
    j.village_code,
    j.submission_id,
    j.sheet,
    j.row_no,
    j.period,
    j.newest_period
from judged as j
inner join
    repeated as r
    on r.list = j.list and r.county_code = j.county_code and r.unit_code = j.unit_code
where j.period < j.newest_period and r.repeated * 2 >= j.held
