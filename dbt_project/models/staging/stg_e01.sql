select *
from {{ source("raw", "e01_now") }}
