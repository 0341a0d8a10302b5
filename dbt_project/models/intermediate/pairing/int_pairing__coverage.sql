{#-
    How many villages, towns and households are paired, of those that should be, by county, town and village. Villages
    need a prescription for each industry, and each of these is counted.
-#}
with needed as (
    select
        kind,
        county_code,
        town_code,
        village_code,
        household_sk,
        case when kind = 'village_prescription' then industry end as industry,
        bool_or(is_met) as is_met
    from {{ ref("int_pairing__need") }}
    group by
        kind, county_code, town_code, village_code, household_sk,
        case when kind = 'village_prescription' then industry end
),

counted as (
    select
        kind,
        county_code,
        town_code,
        village_code,
        grouping(town_code) as over_towns,
        grouping(village_code) as over_villages,
        count(*) filter (where is_met) as numerator,
        count(*) as denominator
    from needed
    group by
        kind, grouping sets ((county_code), (county_code, town_code), (county_code, town_code, village_code))
)

select
    c.county_code,
    c.town_code,
    c.village_code,
    c.over_towns,
    c.over_villages,
    m.metric,
    m.metric_name,
    c.numerator,
    c.denominator
from counted as c
inner join (
    values
    ('village_team', 'village_team_pct', '结对覆盖（贫困村有特派团）'),
    ('village_expert', 'village_expert_pct', '结对覆盖（贫困村有结对专家）'),
    ('town_expert', 'town_expert_pct', '结对覆盖（乡镇有结对专家）'),
    ('household_technician', 'household_technician_pct', '结对覆盖（有产业的贫困户有技术员）'),
    ('village_prescription', 'prescription_rate_pct', '处方覆盖（村的产业有有效处方）')
) as m (kind, metric, metric_name) on m.kind = c.kind
