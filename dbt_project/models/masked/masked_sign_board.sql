{{ config(alias="sign_board") }}

select
    {{ masked_columns("sign_board") }}
from {{ ref("sign_board") }}
