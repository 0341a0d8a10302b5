{{ config(alias="village_team") }}

select
    {{ masked_columns("village_team") }}
from {{ ref("village_team") }}
