select *
from {{ ref("int_submissions__list_due") }}
