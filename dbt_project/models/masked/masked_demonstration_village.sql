{{ config(alias="demonstration_village") }}

select
    {{ masked_columns("demonstration_village") }}
from {{ ref("demonstration_village") }}
