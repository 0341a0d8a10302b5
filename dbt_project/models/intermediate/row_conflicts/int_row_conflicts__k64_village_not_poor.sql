{{ config(materialized="view") }}

with village as (
    {{ newest_villages() }}
),

told as (
    {% for list, rows in [("T04", ref("stg_t04__village_team")), ("T06", ref("stg_t06__village_pairing"))] %}
    select
        '{{ list }}' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ rows }} as r
    inner join village as v on v.village_code = r.village_code
    where not v.is_poor
    {{ "union all" if not loop.last }}
    {% endfor %}
)

{{ told_rows("K64", "W", [ref("stg_t04__village_team"), ref("stg_t06__village_pairing")]) }}
