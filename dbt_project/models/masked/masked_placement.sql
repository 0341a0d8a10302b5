{{ config(alias="placement") }}

select
    {{ masked_columns("placement") }}
from {{ ref("placement") }}
