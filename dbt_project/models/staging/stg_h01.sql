select *
from {{ source("raw", "h01_now") }}
