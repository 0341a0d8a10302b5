{{ config(alias="expert_group") }}

select
    {{ masked_columns("expert_group") }}
from {{ ref("expert_group") }}
