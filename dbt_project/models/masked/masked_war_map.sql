{{ config(alias="war_map") }}

select
    {{ masked_columns("war_map") }}
from {{ ref("war_map") }}
