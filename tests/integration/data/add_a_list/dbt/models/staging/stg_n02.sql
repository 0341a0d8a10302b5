select *
from {{ source("raw", "n02_now") }}
