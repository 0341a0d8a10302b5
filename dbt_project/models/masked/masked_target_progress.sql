{{ config(alias="target_progress") }}

select
    {{ masked_columns("target_progress") }}
from {{ ref("target_progress") }}
