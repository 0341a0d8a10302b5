select *
from {{ ref("int_work__placement") }}
