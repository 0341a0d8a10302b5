{{ config(alias="meeting") }}

select
    {{ masked_columns("meeting") }}
from {{ ref("meeting") }}
