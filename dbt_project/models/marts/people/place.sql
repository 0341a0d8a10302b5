select *
from {{ ref("int_places__place") }}
