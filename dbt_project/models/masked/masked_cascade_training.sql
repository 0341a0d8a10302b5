{{ config(alias="cascade_training") }}

select
    {{ masked_columns("cascade_training") }}
from {{ ref("cascade_training") }}
