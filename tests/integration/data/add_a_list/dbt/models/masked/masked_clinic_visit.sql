{{ config(alias="clinic_visit") }}

select
    {{ masked_columns("clinic_visit") }}
from {{ ref("clinic_visit") }}
