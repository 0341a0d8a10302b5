{{ config(alias="local_talent") }}

select
    {{ masked_columns("local_talent") }}
from {{ ref("local_talent") }}
