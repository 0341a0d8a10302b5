select *
from {{ source("raw", "n01_now") }}
