{{ config(alias="list_basic_info") }}

select
    {{ masked_columns("list_basic_info") }}
from {{ ref("list_basic_info") }}
