-- A date of birth, a phone or an account has no column of its own where BI or the public may read.
-- depends_on: {{ ref("masked_pairing_proposal") }}, the last that is built
{% set masked = ref("masked_one_db") %}
{% set published = ref("published_coverage") %}
select
    table_schema,
    table_name,
    column_name
from information_schema.columns
where
    table_schema in ('{{ masked.schema }}', '{{ published.schema }}')
    and column_name ~ '(birth|phone|account|disability|health|id_last|cert_no)'
