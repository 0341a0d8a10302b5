select *
from {{ source("raw", "l2_now") }}
