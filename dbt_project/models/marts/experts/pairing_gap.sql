{#-
    What is unpaired or amiss, and how many people it asks for: a chief a village, an expert a town or village as far
    as one may carry, a technician for so many households as one may carry. A prescription asks for nobody new.
-#}
with need as (
    select
        county_code,
        town_code,
        village_code,
        industry,
        kind,
        count(*)::integer as item_count
    from {{ ref("int_pairing__need") }}
    where not is_met
    group by county_code, town_code, village_code, industry, kind
),

wanted as (
    select distinct
        n.county_code,
        i.industry
    from {{ ref("int_pairing__need") }} as n
    cross join lateral string_to_table(n.industry, '、') as i (industry)
    where n.kind in ('village_team', 'household_technician')
),

offered as (
    select distinct
        county_code,
        unnest(industries) as industry
    from {{ ref("int_experts__expert_load") }}
    where is_active
),

found as (
    select
        case kind
            when 'village_team' then 'village_without_team'
            when 'village_expert' then 'village_without_expert'
            when 'town_expert' then 'town_without_expert'
            when 'household_technician' then 'household_without_technician'
            when 'village_prescription' then 'village_without_prescription'
        end as kind,
        county_code,
        town_code,
        village_code,
        null::uuid as person_sk,
        null as name,
        null as unit,
        industry,
        item_count,
        case
            when kind = 'household_technician'
                then ceil(item_count::numeric / {{ parameter("technician_households_most", "county_code") }})
            when kind = 'village_prescription' then 0
            else 1
        end as people_needed
    from need
    union all
    select
        'industry_without_expert' as kind,
        w.county_code,
        null as town_code,
        null as village_code,
        null as person_sk,
        null as name,
        null as unit,
        w.industry,
        1 as item_count,
        1 as people_needed
    from wanted as w
    where not exists (
        select 1
        from offered as o
        where o.county_code = w.county_code and o.industry = w.industry
    )
    union all
    select
        case when l.is_idle then 'idle' else 'overloaded' end as kind,
        l.county_code,
        l.town_code,
        null as village_code,
        l.person_sk,
        l.name,
        l.unit,
        array_to_string(l.industries, '、') as industry,
        case
            when l.is_idle then 1
            else greatest(l.villages - l.villages_most, l.households - l.households_most)
        end as item_count,
        0 as people_needed
    from {{ ref("int_experts__expert_load") }} as l
    where l.is_idle or l.is_overloaded
    union all
    select
        'zombie' as kind,
        p.county_code,
        p.town_code,
        p.village_code,
        p.person_sk,
        p.name,
        min(e.unit) as unit,
        p.industry,
        count(*) as item_count,
        0 as people_needed
    from {{ ref("int_experts__expert_pair") }} as p
    left join {{ ref("int_experts__expert_now") }} as e on e.county_code = p.county_code and e.person_sk = p.person_sk
    where p.is_zombie
    group by p.county_code, p.town_code, p.village_code, p.person_sk, p.name, p.industry
)

select
    md5(
        concat_ws('/', f.kind, f.county_code, f.town_code, f.village_code, f.person_sk, f.name, f.industry)
    )::uuid as gap_key,
    f.kind,
    case f.kind
        when 'village_without_team' then '贫困村没有特派团'
        when 'village_without_expert' then '贫困村没有结对专家'
        when 'town_without_expert' then '乡镇没有结对专家'
        when 'household_without_technician' then '贫困户没有同产业的技术员'
        when 'village_without_prescription' then '村的产业没有有效处方'
        when 'industry_without_expert' then '产业没有专家'
        when 'overloaded' then '专家（技术员）超负荷'
        when 'idle' then '专家（技术员）未结对'
        when 'zombie' then '僵尸结对：90天内无服务记录'
    end as kind_name,
    f.county_code,
    f.town_code,
    t.town_name,
    f.village_code,
    v.village_name,
    f.person_sk,
    f.name,
    f.unit,
    f.industry,
    f.item_count::integer as item_count,
    f.people_needed::integer as people_needed,
    {{ business_date() }} as as_of_on
from found as f
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = f.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = f.village_code
where f.county_code is not null
