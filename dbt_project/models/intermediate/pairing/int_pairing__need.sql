{#-
    What should be paired and is, one row each: a poor village with a team and with an expert, a town with an expert,
    a poor household with a technician for each of its industries, a village with a prescription that is valid for each
    of its own. A county is asked for the pairs of which it keeps a list; one that has experts and keeps none of the
    lists yet is asked for all.
-#}
with kept as (
    select
        'village_team' as kind,
        county_code
    from {{ ref("int_experts__village_team") }}
    union
    select
        k.kind,
        r.county_code
    from {{ ref("int_experts__village_pairing") }} as r
    cross join (values ('village_expert'), ('town_expert')) as k (kind)
    union
    select
        'household_technician' as kind,
        county_code
    from {{ ref("int_experts__technician_pairing") }}
    union
    select
        'village_prescription' as kind,
        county_code
    from {{ ref("stg_t09__prescription") }}
),

asked as (
    select *
    from kept
    union
    select
        k.kind,
        e.county_code
    from {{ ref("int_experts__expert_now") }} as e
    cross join (
        values
        ('village_team'),
        ('village_expert'),
        ('town_expert'),
        ('household_technician'),
        ('village_prescription')
    ) as k (kind)
    where
        not exists (
            select 1
            from kept as h
            where h.county_code = e.county_code
        )
),

village as (
    select distinct on (v.village_code)
        v.village_code,
        v.is_poor,
        v.industries,
        coalesce(v.valid_to, 'infinity') >= {{ business_date() }} as is_current
    from {{ ref("stg_v01__village") }} as v
    where coalesce(v.valid_from, '-infinity') <= {{ business_date() }}
    order by v.village_code, v.valid_from desc nulls last, v.row_id
),

town as (
    select distinct on (t.town_code)
        t.town_code,
        coalesce(t.valid_to, 'infinity') >= {{ business_date() }} as is_current
    from {{ ref("stg_v02__town") }} as t
    where coalesce(t.valid_from, '-infinity') <= {{ business_date() }}
    order by t.town_code, t.valid_from desc nulls last, t.row_id
),

home as (
    {{ newest_households() }}
),

team as (
    select distinct r.village_code
    from {{ ref("int_experts__village_team") }} as r
    left join {{ ref("int_experts__left_expert") }} as l on l.county_code = r.county_code and l.name = r.member
    where
        l.name is null
        and r.appointed_on <= {{ business_date() }}
        and coalesce({{ last_day("left_on", "r") }}, 'infinity') >= {{ business_date() }}
),

served as (
    select distinct
        list,
        household_sk,
        village_code,
        town_code,
        industry
    from {{ ref("int_experts__expert_pair") }}
    where is_active and not is_stranger
),

prescribed as (
    select distinct
        village_code,
        industry
    from {{ ref("stg_t09__prescription") }} as r
    where
        r.issued_on <= {{ business_date() }}
        and coalesce({{ last_day("valid_to", "r") }}, 'infinity') >= {{ business_date() }}
),

need as (
    select
        'village_team' as kind,
        n.county_code,
        n.town_code,
        n.village_code,
        null::uuid as household_sk,
        null as household_no,
        null as head_name,
        array_to_string(v.industries, '、') as industry,
        m.village_code is not null as is_met
    from village as v
    inner join {{ ref("int_places__place_name") }} as n on n.level = 'village' and n.village_code = v.village_code
    left join team as m on m.village_code = v.village_code
    where v.is_poor and v.is_current
    union all
    select
        'village_expert' as kind,
        n.county_code,
        n.town_code,
        n.village_code,
        null as household_sk,
        null as household_no,
        null as head_name,
        array_to_string(v.industries, '、') as industry,
        s.village_code is not null as is_met
    from village as v
    inner join {{ ref("int_places__place_name") }} as n on n.level = 'village' and n.village_code = v.village_code
    left join (select distinct village_code from served where list = 'T06' and village_code is not null) as s
        on s.village_code = v.village_code
    where v.is_poor and v.is_current
    union all
    select
        'town_expert' as kind,
        n.county_code,
        n.town_code,
        null as village_code,
        null as household_sk,
        null as household_no,
        null as head_name,
        null as industry,
        s.town_code is not null as is_met
    from town as t
    inner join {{ ref("int_places__place_name") }} as n on n.level = 'town' and n.town_code = t.town_code
    left join (select distinct town_code from served where list = 'T06' and village_code is null) as s
        on s.town_code = t.town_code
    where t.is_current
    union all
    select
        'household_technician' as kind,
        h.county_code,
        h.town_code,
        h.village_code,
        h.household_sk,
        h.household_no,
        h.head_name,
        i.industry,
        s.household_sk is not null as is_met
    from home as h
    cross join lateral unnest(h.industries) as i (industry)
    left join served as s on s.list = 'T05' and s.household_sk = h.household_sk and s.industry = i.industry
    where h.poverty_status is distinct from '一般农户'
    union all
    select
        'village_prescription' as kind,
        n.county_code,
        n.town_code,
        n.village_code,
        null as household_sk,
        null as household_no,
        null as head_name,
        i.industry,
        p.village_code is not null as is_met
    from village as v
    inner join {{ ref("int_places__place_name") }} as n on n.level = 'village' and n.village_code = v.village_code
    cross join lateral (select distinct unnest(v.industries) as industry) as i
    left join prescribed as p on p.village_code = v.village_code and p.industry = i.industry
    where v.is_current
)

select n.*
from need as n
inner join asked as a on a.kind = n.kind and a.county_code = n.county_code
