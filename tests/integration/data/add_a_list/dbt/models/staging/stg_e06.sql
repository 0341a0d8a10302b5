select *
from {{ source("raw", "e06_now") }}
