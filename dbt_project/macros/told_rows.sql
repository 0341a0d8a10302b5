{#-
    Where the rows that are told of stand, and those that speak against them: the end of a model of contradictions,
    whose CTE told holds rule, list, row_id and other_row_id. lists are the lists that told names rows of.
-#}
{% macro told_rows(lists) %}
select
    t.rule,
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
from told as t
inner join ({{ sent_rows(lists) }}) as p on p.row_id = t.row_id
left join ({{ sent_rows(lists) }}) as o on o.row_id = t.other_row_id
{% endmacro %}

{% macro sent_rows(lists) %}
    {%- for list in lists %}
    select
        row_id,
        submission_id,
        sheet,
        row_no,
        county_code,
        town_code
    from {{ source("raw", list ~ "_now") }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{% endmacro %}
