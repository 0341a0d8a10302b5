select *
from {{ ref("int_money__employer_award") }}
