select *
from {{ source("raw", "e12_now") }}
