{{ config(alias="returnee") }}

select
    {{ masked_columns("returnee") }}
from {{ ref("returnee") }}
