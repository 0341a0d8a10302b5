{{ config(severity="warn") }}
-- One number, one person: two keys for a number mean that an old number was linked late.
select id_no
from {{ ref("one_db") }}
where id_no is not null
group by id_no
having count(*) > 1
