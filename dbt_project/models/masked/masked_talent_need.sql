{{ config(alias="talent_need") }}

select
    {{ masked_columns("talent_need") }}
from {{ ref("talent_need") }}
