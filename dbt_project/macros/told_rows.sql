{#-
    The end of a model of row conflicts: of the rows that its CTE told names (list, row_id, other_row_id) where they
    stand, and those that speak against them. A row is told of once by a rule, however many others speak against it.
    verdict Q: the row is left out and its sender is told; W: it stays and its sender is told. `sent` is the staging of
    the lists that told names rows of.
-#}
{% macro told_rows(rule, verdict, sent) %}
select
    '{{ rule }}' as rule,
    '{{ verdict }}' as verdict,
    t.list,
    t.row_id,
    p.submission_id,
    p.sheet,
    p.row_no,
    p.county_code,
    p.town_code,
    t.other_row_id,
    o.submission_id as other_submission_id,
    o.sheet as other_sheet,
    o.row_no as other_row_no,
    o.town_code as other_town_code
from (
    select distinct on (row_id)
        list,
        row_id,
        other_row_id
    from told
    order by row_id, other_row_id
) as t
inner join ({{ _sent_rows(sent) }}) as p on p.row_id = t.row_id
left join ({{ _sent_rows(sent) }}) as o on o.row_id = t.other_row_id
{% endmacro %}

{% macro _sent_rows(sent) %}
    {%- for rows in sent %}
    select
        row_id,
        submission_id,
        sheet,
        row_no,
        county_code,
        town_code
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
