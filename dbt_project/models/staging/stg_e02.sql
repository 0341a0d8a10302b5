select *
from {{ source("raw", "e02_now") }}
