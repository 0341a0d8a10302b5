select *
from {{ source("raw", "t11_now") }}
