{{ config(alias="expert_group_member") }}

select
    {{ masked_columns("expert_group_member") }}
from {{ ref("expert_group_member") }}
