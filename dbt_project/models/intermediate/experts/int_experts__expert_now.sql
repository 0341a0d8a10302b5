{#- What a county's list of experts says last of each person. -#}
with newest as (
    select distinct on (county_code, person_sk) *
    from {{ ref("stg_t01__expert") }}
    where person_sk is not null and coalesce(valid_from, '-infinity') <= {{ business_date() }}
    order by county_code, person_sk, valid_from desc nulls last, version desc nulls last, row_id
)

select
    n.*,
    coalesce('产业技术员' = any(n.category), false) as is_technician,
    coalesce(n.state <> '离任', true) and coalesce({{ last_day("valid_to", "n") }}, 'infinity') >= {{ business_date() }}
    as is_active
from newest as n
