{{ config(alias="prescription") }}

select
    {{ masked_columns("prescription") }}
from {{ ref("prescription") }}
