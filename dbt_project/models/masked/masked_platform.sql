{{ config(alias="platform") }}

select
    {{ masked_columns("platform") }}
from {{ ref("platform") }}
