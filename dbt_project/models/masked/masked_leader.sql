{{ config(alias="leader") }}

select
    {{ masked_columns("leader") }}
from {{ ref("leader") }}
