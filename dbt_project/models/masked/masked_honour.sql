{{ config(alias="honour") }}

select
    {{ masked_columns("honour") }}
from {{ ref("honour") }}
