select *
from {{ ref("int_people__household") }}
