select
    county_code,
    town_code,
    village_code,
    max(village_name) as village_name,
    count(*) filter (where done)::integer as items_done,
    sum(invest_yuan)::numeric(14, 2) as invest_yuan,
    count(*) filter (where done) = 8 as is_complete
from {{ ref("stg_n01__healthy_village") }}
group by county_code, town_code, village_code
