{#-
    Shares of the register's labourers and households, by county, town and village of the register, and of what should
    be paired; how far the goals of a talent county have come.
-#}
with person as (
    select
        county_code,
        town_code,
        village_code,
        grouping(town_code) as over_towns,
        grouping(village_code) as over_villages,
        count(*) as labourers,
        count(*) filter (where is_listed) as listed,
        count(*) filter (where basic_ok) as basic_ok,
        count(*) filter (where intent_ok) as intent_ok,
        count(*) filter (where status_ok) as status_ok,
        count(*) filter (where is_trained) as trained,
        count(*) filter (where wants_training) as wants_training,
        count(*) filter (where wants_training and is_trained) as trained_willing,
        count(*) filter (where is_willing) as willing,
        count(*) filter (where is_willing and is_employed) as employed_willing,
        count(*) filter (where is_employed) as employed,
        count(*) filter (where is_stable) as stable,
        count(*) filter (where is_eligible) as eligible,
        count(*) filter (where is_eligible and is_paid) as paid
    from {{ ref("int_targets__counted_labourer") }}
    group by grouping sets ((county_code), (county_code, town_code), (county_code, town_code, village_code))
),

-- Households with labour, as many as the month began with.
counted_home as (
    select
        household_sk,
        county_code,
        town_code,
        village_code,
        bool_or(is_employed) as has_work,
        bool_or(is_stable) as has_stable_job
    from {{ ref("int_targets__counted_labourer") }}
    where household_sk is not null
    group by household_sk, county_code, town_code, village_code
),

home as (
    select
        c.county_code,
        c.town_code,
        c.village_code,
        grouping(c.town_code) as over_towns,
        grouping(c.village_code) as over_villages,
        count(*) as with_labour,
        count(*) filter (where c.has_work) as with_work,
        count(*) filter (where not c.has_work) as without_work,
        count(*) filter (where c.has_stable_job) as with_stable_job,
        count(*) filter (
            where c.has_work and (h.exit_year is not null or h.poverty_status like '已脱贫%')
        ) as exited_with_work
    from counted_home as c
    left join {{ ref("int_people__household") }} as h on h.household_sk = c.household_sk
    group by grouping sets (
        (c.county_code), (c.county_code, c.town_code), (c.county_code, c.town_code, c.village_code)
    )
),

-- The chain's last two steps: villages with all eight items, and the poor villages of their towns.
chain as (
    select
        v.county_code,
        v.town_code,
        v.village_code,
        grouping(v.town_code) as over_towns,
        grouping(v.village_code) as over_villages,
        count(*) filter (where d.is_complete) as created,
        count(*) filter (where p.is_poor and t.town_code is not null) as reached
    from {{ ref("int_places__place_name") }} as v
    left join {{ ref("int_places__place") }} as p on p.level = 'village' and p.place_code = v.village_code
    left join {{ ref("int_targets__demonstration_state") }} as d on d.village_code = v.village_code
    left join (
        select distinct town_code
        from {{ ref("int_targets__demonstration_state") }}
        where is_complete
    ) as t on t.town_code = v.town_code
    where v.level = 'village' and v.county_code in (
        select s.county_code from {{ ref("int_targets__demonstration_state") }} as s
    )
    group by grouping sets (
        (v.county_code), (v.county_code, v.town_code), (v.county_code, v.town_code, v.village_code)
    )
),

measured as (
    select
        p.county_code,
        p.town_code,
        p.village_code,
        p.over_towns,
        p.over_villages,
        m.metric,
        m.metric_name,
        m.numerator,
        m.denominator
    from person as p
    cross join lateral (
        values
        ('registered_rate_pct', '入库率', p.listed, p.labourers),
        ('basic_ok_pct', '基本信息准', p.basic_ok, p.labourers),
        ('intent_ok_pct', '就业意向明', p.intent_ok, p.labourers),
        ('status_ok_pct', '就业状态清', p.status_ok, p.labourers),
        ('trained_rate_pct', '培训率', p.trained, p.labourers),
        ('trained_willing_pct', '培训率（有培训意愿的）', p.trained_willing, p.wants_training),
        ('employed_rate_pct', '就业率', p.employed_willing, p.willing),
        ('employed_all_pct', '就业率（全部劳动力）', p.employed, p.labourers),
        ('stable_rate_pct', '稳定就业率', p.stable, p.employed),
        ('benefit_rate_pct', '政策享受率', p.paid, p.eligible),
        ('employed_persons', '就业一人（就业人数）', p.employed, null),
        -- Each labourer counts once for each of the four that applies to him: shares themselves must not be added up.
        (
            'four_full_pct',
            '四个全覆盖合计',
            p.listed + p.trained + p.employed_willing + p.paid,
            p.labourers + p.labourers + p.willing + p.eligible
        )
    ) as m (metric, metric_name, numerator, denominator)
    union all
    select
        h.county_code,
        h.town_code,
        h.village_code,
        h.over_towns,
        h.over_villages,
        m.metric,
        m.metric_name,
        m.numerator,
        m.denominator
    from home as h
    cross join lateral (
        values
        ('household_employed_pct', '一户一就业', h.with_work, h.with_labour),
        ('household_stable_pct', '有稳定就业的户', h.with_stable_job, h.with_labour),
        ('zero_employment_pct', '零就业户', h.without_work, h.with_labour),
        ('exited_households', '脱贫一户（有人就业且已脱贫的户）', h.exited_with_work, null)
    ) as m (metric, metric_name, numerator, denominator)
    union all
    select
        c.county_code,
        c.town_code,
        c.village_code,
        c.over_towns,
        c.over_villages,
        m.metric,
        m.metric_name,
        m.numerator,
        m.denominator
    from chain as c
    cross join lateral (
        values
        ('created_villages', '创建一村（八项齐备的示范村）', c.created, null::bigint),
        ('reached_villages', '辐射一片（示范村所在乡镇的贫困村）', c.reached, null)
    ) as m (metric, metric_name, numerator, denominator)
    union all
    {% for rows in [ref("int_pairing__coverage"), ref("int_targets__goal_coverage")] %}
    select
        county_code,
        town_code,
        village_code,
        over_towns,
        over_villages,
        metric,
        metric_name,
        numerator,
        denominator
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select
    case when m.over_towns = 1 then 'county' when m.over_villages = 1 then 'town' else 'village' end as level,
    coalesce(m.village_code, m.town_code, m.county_code) as place_code,
    m.county_code,
    m.town_code,
    t.town_name,
    m.village_code,
    v.village_name,
    m.metric,
    m.metric_name,
    m.numerator,
    m.denominator,
    -- Nobody to be counted is no success: the share stays unknown.
    round(100.0 * m.numerator / nullif(m.denominator, 0), 1) as rate_pct,
    {{ business_date() }} as as_of_on
from measured as m
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = m.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = m.village_code
where
    m.county_code is not null
    and (m.over_towns = 1 or m.town_code is not null)
    and (m.over_villages = 1 or m.village_code is not null)
