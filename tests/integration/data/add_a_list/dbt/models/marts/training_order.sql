select
    order_no,
    county_code,
    town_code,
    village_code,
    persons,
    wanted,
    ordered_on,
    accepted_on,
    delivered_on,
    case when delivered_on is not null then '出单' when accepted_on is not null then '接单' else '点单' end as stage
from {{ ref("stg_t11") }}
