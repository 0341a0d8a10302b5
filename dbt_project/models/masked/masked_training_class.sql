{{ config(alias="training_class") }}

select
    {{ masked_columns("training_class") }}
from {{ ref("training_class") }}
