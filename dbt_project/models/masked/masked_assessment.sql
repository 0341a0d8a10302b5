{{ config(alias="assessment") }}

select
    {{ masked_columns("assessment") }}
from {{ ref("assessment") }}
