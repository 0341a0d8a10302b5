{{ config(alias="village_team_member") }}

select
    {{ masked_columns("village_team_member") }}
from {{ ref("village_team_member") }}
