{{ config(alias="revisit_due") }}

select
    {{ masked_columns("revisit_due") }}
from {{ ref("revisit_due") }}
