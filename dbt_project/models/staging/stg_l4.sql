select *
from {{ source("raw", "l4_now") }}
