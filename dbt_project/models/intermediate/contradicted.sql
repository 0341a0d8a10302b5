{#-
    Accepted rows that other accepted rows contradict, whichever came first. verdict Q: the row is left out and its
    sender is told; W: it stays and its sender is told. A new kind of contradiction is a model of these columns here.
-#}
{% set kinds = {
    "contradicted_row": "'Q'",
    "contradicted_companion": "'W'",
    "contradicted_experts": "case when rule in ('K52', 'K53', 'K54', 'K57') then 'Q' else 'W' end",
    "contradicted_names": "'W'",
    "contradicted_register": "'W'",
    "contradicted_services": "'W'",
} %}
{% for model, verdict in kinds.items() %}
select
    rule,
    {{ verdict }} as verdict,
    list,
    row_id,
    submission_id,
    sheet,
    row_no,
    county_code,
    town_code,
    other_row_id,
    other_submission_id,
    other_sheet,
    other_row_no,
    other_town_code
from {{ ref(model) }}
{{ "union all" if not loop.last }}
{% endfor %}
