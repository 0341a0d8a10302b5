select *
from {{ ref("int_work__list_public_post") }}
