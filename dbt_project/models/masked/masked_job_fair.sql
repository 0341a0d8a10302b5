{{ config(alias="job_fair") }}

select
    {{ masked_columns("job_fair") }}
from {{ ref("job_fair") }}
