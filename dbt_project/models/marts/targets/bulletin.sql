-- A bulletin is a county's and no town's; every mart has the column.
select
    *,
    null::text as town_code
from {{ ref("stg_ops__bulletin") }}
