{{ config(alias="employer_award") }}

select
    {{ masked_columns("employer_award") }}
from {{ ref("employer_award") }}
