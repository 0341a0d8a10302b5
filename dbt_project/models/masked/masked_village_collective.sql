{{ config(alias="village_collective") }}

select
    {{ masked_columns("village_collective") }}
from {{ ref("village_collective") }}
