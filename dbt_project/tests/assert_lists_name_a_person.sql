{{ config(severity="warn") }}
-- Every person of the one database has a name and a village.
select person_sk
from {{ ref("one_db") }}
where name is null or village_code is null
