-- A date of birth, a phone or an account has no column of its own where BI or the public may read.
-- depends_on: {{ ref("pairing_proposal") }}, the last that is built
{% set published = ref("published_coverage") %}
select
    table_schema,
    table_name,
    column_name
from information_schema.columns
where
    table_schema in ('{{ generate_schema_name("mart_masked", none) }}', '{{ published.schema }}')
    and column_name ~ '(birth|phone|account|disability|health|id_last|cert_no)'
