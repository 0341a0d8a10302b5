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
    case when delivered_on is not null then '送达' when accepted_on is not null then '受理' else '订购' end as stage
from {{ ref("stg_n02__seedling_order") }}
