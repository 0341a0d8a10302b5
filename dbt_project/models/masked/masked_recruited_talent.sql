{{ config(alias="recruited_talent") }}

select
    {{ masked_columns("recruited_talent") }}
from {{ ref("recruited_talent") }}
