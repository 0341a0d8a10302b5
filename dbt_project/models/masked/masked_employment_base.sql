{{ config(alias="employment_base") }}

select
    {{ masked_columns("employment_base") }}
from {{ ref("employment_base") }}
