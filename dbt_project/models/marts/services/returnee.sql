{#-
    A village that the returnee helps is written as a name alone: it counts where the county has one such village, else
    where the returnee's own town has one.
-#}
with named as (
    select
        county_code,
        town_code,
        village_code,
        {{ place_stem("village_name") }} as stem
    from {{ ref("place_name") }}
    where level = 'village'
),

found as (
    select
        r.row_id,
        min(n.village_code) as anywhere,
        count(*) as villages,
        min(n.village_code) filter (where n.town_code = r.town_code) as near,
        count(*) filter (where n.town_code = r.town_code) as near_villages
    from {{ ref("stg_t15") }} as r
    inner join named as n on n.county_code = r.county_code and n.stem = {{ place_stem("r.paired_village") }}
    group by r.row_id
)

select
    {{ row_columns() }},
    r.person_sk,
    r.id_no,
    r.name,
    r.phone,
    r.from_place,
    r.returned_on,
    r.project,
    r.funds_yuan,
    r.paired_village,
    case when f.villages = 1 then f.anywhere when f.near_villages = 1 then f.near end as paired_village_code,
    r.jobs,
    r.returned_on <= {{ business_date() }} as is_current
from {{ ref("stg_t15") }} as r
{{ row_joins() }}
left join found as f on f.row_id = r.row_id
