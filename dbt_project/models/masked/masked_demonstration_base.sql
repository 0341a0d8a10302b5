{{ config(alias="demonstration_base") }}

select
    {{ masked_columns("demonstration_base") }}
from {{ ref("demonstration_base") }}
