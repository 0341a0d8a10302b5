{{ config(alias="inspection_finding") }}

select
    {{ masked_columns("inspection_finding") }}
from {{ ref("inspection_finding") }}
