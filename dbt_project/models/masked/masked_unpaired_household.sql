{{ config(alias="unpaired_household") }}

select
    {{ masked_columns("unpaired_household") }}
from {{ ref("unpaired_household") }}
