{{ config(alias="training_order") }}

select
    {{ masked_columns("training_order") }}
from {{ ref("training_order") }}
