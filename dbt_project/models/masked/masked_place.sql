{{ config(alias="place") }}

select
    {{ masked_columns("place") }}
from {{ ref("place") }}
