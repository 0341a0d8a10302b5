select *
from {{ source("raw", "v01_now") }}
