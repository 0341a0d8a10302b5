select *
from {{ source("raw", "h02_now") }}
