{#-
    Whom the shares of the month are taken of, with what is known of them tonight. Of somebody whom the register has
    lost since, nothing is. A county whose register came later in the month is measured by the one that it has.
-#}
with base as (
    select
        person_sk,
        household_sk,
        county_code,
        town_code,
        village_code
    from {{ ref("int_targets__coverage_base") }}
    union all
    select
        person_sk,
        household_sk,
        county_code,
        town_code,
        village_code
    from {{ ref("int_people__labourer") }}
    where county_code not in (
        select c.county_code from {{ ref("int_targets__coverage_base") }} as c where c.county_code is not null
    )
)

select
    b.person_sk,
    b.household_sk,
    b.county_code,
    b.town_code,
    b.village_code,
    coalesce(l.is_listed, false) as is_listed,
    coalesce(l.basic_ok, false) as basic_ok,
    coalesce(l.intent_ok, false) as intent_ok,
    coalesce(l.status_ok, false) as status_ok,
    coalesce(l.is_trained, false) as is_trained,
    coalesce(l.wants_training, false) as wants_training,
    coalesce(l.is_willing, false) as is_willing,
    coalesce(l.is_employed, false) as is_employed,
    coalesce(l.is_stable, false) as is_stable,
    coalesce(l.is_eligible, false) as is_eligible,
    coalesce(l.is_paid, false) as is_paid
from base as b
left join {{ ref("int_people__labourer") }} as l on l.person_sk = b.person_sk
