{#- Kept apart from towns as the draw itself is: who knows what speaks against whom knows who is likely to be drawn. -#}
select
    coalesce(subject_sk, md5(village_code)::uuid) as candidate_key,
    county_code,
    null::text as town_code,
    village_code as place_village_code,
    period,
    line_kind,
    subject_sk,
    risk_points,
    {{ business_date() }} as as_of_on
from {{ ref("int_inspections__candidate") }}
