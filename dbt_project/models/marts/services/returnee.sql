{#- A village that the returnee helps is written as a name alone: it counts where the county has one such village. -#}
with village as (
    select
        county_code,
        village_name,
        min(village_code) as village_code
    from {{ ref("place_name") }}
    where level = 'village'
    group by county_code, village_name
    having count(*) = 1
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
    p.village_code as paired_village_code,
    r.jobs,
    r.returned_on <= {{ business_date() }} as is_current
from {{ ref("stg_t15") }} as r
{{ row_joins() }}
left join village as p on p.county_code = r.county_code and p.village_name = r.paired_village
