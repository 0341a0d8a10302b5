{{ config(alias="prescription_visit") }}

select
    {{ masked_columns("prescription_visit") }}
from {{ ref("prescription_visit") }}
