select *
from {{ source("raw", "v02_now") }}
