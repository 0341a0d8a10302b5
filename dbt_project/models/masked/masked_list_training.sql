{{ config(alias="list_training") }}

select
    {{ masked_columns("list_training") }}
from {{ ref("list_training") }}
