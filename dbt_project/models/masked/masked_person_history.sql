{{ config(alias="person_history") }}

select
    {{ masked_columns("person_history") }}
from {{ ref("person_history") }}
