with home as (
    select
        person_sk,
        town_code
    from {{ ref("int_people__register_person") }}
),

-- The newest version that each town sent of a row; raw.<list>_now holds one of them alone.
{% set lists = [
    ("L1", ref("stg_l1__basic_info_standing"), "null::date"),
    ("L2", ref("stg_l2__training_standing"), "r.start_on"),
    ("L3", ref("stg_l3__transfer_employment_standing"), "r.start_on"),
    ("L4", ref("stg_l4__self_employment_standing"), "r.reg_on"),
    ("L5", ref("stg_l5__public_post_standing"), "r.start_on"),
] %}
claim as (
    {% for list, rows, start in lists %}
    (
        select distinct on (r.key, r.town_code)
            '{{ list }}' as list,
            r.row_id,
            r.key,
            r.person_sk,
            r.period,
            r.town_code,
            r.fill_date,
            {{ start }} as start_on,
            coalesce(r.town_code = h.town_code, false) as at_home
        from {{ rows }} as r
        left join home as h on h.person_sk = r.person_sk
        where
            r.key is not null
            and r.person_sk is not null
            and r.town_code is not null
        order by r.key, r.town_code, r.version desc nulls last, r.fate desc, r.part, r.row_no, r.row_id
    )
    {{ "union all" if not loop.last }}
    {% endfor %}
),

claimed as (
    select
        c.*,
        first_value(c.row_id) over better as first_row_id,
        first_value(c.town_code) over better as kept_town_code
    from claim as c
    window better as (
        partition by c.list, c.person_sk, c.period
        order by c.at_home desc, c.start_on nulls last, c.fill_date nulls last, c.town_code, c.key, c.row_id
    )
),

-- The same row in the version of the town that keeps the person, else that town's first row.
told as (
    select
        c.list,
        c.row_id,
        coalesce(k.row_id, c.first_row_id) as other_row_id
    from claimed as c
    left join claim as k on k.list = c.list and k.key = c.key and k.town_code = c.kept_town_code
    where c.town_code <> c.kept_town_code
)

{{ told_rows("X02", "Q", [
    ref("stg_l1__basic_info_versions"),
    ref("stg_l2__training_versions"),
    ref("stg_l3__transfer_employment_versions"),
    ref("stg_l4__self_employment_versions"),
    ref("stg_l5__public_post_versions"),
]) }}
