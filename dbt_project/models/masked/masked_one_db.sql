{{ config(alias="one_db") }}

select
    {{ masked_columns("one_db") }}
from {{ ref("one_db") }}
