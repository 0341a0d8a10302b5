{{ config(alias="task") }}

select
    {{ masked_columns("task") }}
from {{ ref("task") }}
