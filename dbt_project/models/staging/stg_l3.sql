select *
from {{ source("raw", "l3_now") }}
