{{ config(alias="led_project") }}

select
    {{ masked_columns("led_project") }}
from {{ ref("led_project") }}
