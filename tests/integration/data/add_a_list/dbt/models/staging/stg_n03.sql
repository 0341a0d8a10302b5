select *
from {{ source("raw", "n03_now") }}
