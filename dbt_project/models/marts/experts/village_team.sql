with counted as (
    select
        village_code,
        mode() within group (order by town_code) as town_code,
        mode() within group (order by county_code) as county_code,
        array_agg(distinct industry order by industry) filter (where is_current) as industries,
        count(*) filter (where is_current and role = '团长')::integer as chiefs,
        count(distinct member) filter (where is_current and role <> '团长')::integer as members,
        min(member) filter (where is_current and role = '团长') as chief,
        min(person_sk::text) filter (where is_current and role = '团长') as chief_person_sk,
        min(level) filter (where is_current and role = '团长') as chief_level,
        bool_and(member_kind = '科研院所专家' and coalesce(level not in ('乡', '村'), true)) filter (
            where is_current and role = '团长'
        ) as chief_fits,
        min(appointed_on) as since_on,
        bool_or(is_current) as is_current
    from {{ ref("int_experts__village_team_member") }}
    where village_code is not null
    group by village_code
)

select
    c.county_code,
    c.town_code,
    t.town_name,
    c.village_code,
    v.place_name as village_name,
    p.is_poor,
    c.industries,
    case when c.chiefs = 1 then c.chief_person_sk::uuid end as chief_person_sk,
    case when c.chiefs = 1 then c.chief end as chief,
    case when c.chiefs = 1 then c.chief_level end as chief_level,
    c.chiefs,
    c.members,
    c.chiefs = 1 as has_one_chief,
    c.members >= 1 as has_members,
    coalesce(c.chiefs = 1 and c.chief_fits, false) as chief_fits,
    c.industries && p.industries as industry_fits,
    c.chiefs = 1 and c.members >= 1 as is_complete,
    c.since_on,
    c.is_current,
    {{ business_date() }} as as_of_on
from counted as c
left join {{ ref("int_places__place") }} as p on p.level = 'village' and p.village_code = c.village_code
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = c.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = c.village_code
