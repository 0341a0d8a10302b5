{{ config(alias="status_conflict") }}

select
    {{ masked_columns("status_conflict") }}
from {{ ref("status_conflict") }}
