select *
from {{ ref("int_people__status_conflict") }}
