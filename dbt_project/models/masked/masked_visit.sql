{{ config(alias="visit") }}

select
    {{ masked_columns("visit") }}
from {{ ref("visit") }}
