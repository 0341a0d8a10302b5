{{ config(alias="share_holding") }}

select
    {{ masked_columns("share_holding") }}
from {{ ref("share_holding") }}
