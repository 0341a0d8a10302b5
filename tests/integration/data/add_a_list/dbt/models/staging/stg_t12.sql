select *
from {{ source("raw", "t12_now") }}
