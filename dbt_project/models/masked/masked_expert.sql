{{ config(alias="expert") }}

select
    {{ masked_columns("expert") }}
from {{ ref("expert") }}
