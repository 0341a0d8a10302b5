{{ config(alias="target_progress") }}

select
    year,
    indicator,
    indicator_name,
    level,
    county_code,
    town_code,
    town_name,
    village_code,
    village_name,
    uom,
    target,
    actual,
    done_pct,
    pace,
    due_on,
    as_of_on
from {{ ref("target_progress") }}
where level in ('town', 'village')
