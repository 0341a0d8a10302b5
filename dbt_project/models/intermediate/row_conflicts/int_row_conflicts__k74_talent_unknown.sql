{{ config(materialized="view") }}

-- Who helps or teaches as a local talent need not be an expert.
with local_named as (
    select
        'T07' as list,
        row_id,
        county_code,
        talent as name,
        null::uuid as person_sk
    from {{ ref("stg_t07__talent_pairing") }}
    union all
    select
        'T12' as list,
        row_id,
        county_code,
        teacher as name,
        null as person_sk
    from {{ ref("stg_t12__cascade_training") }}
    where cascade = '土带群众'
    union all
    select
        'T18' as list,
        row_id,
        county_code,
        talent as name,
        null as person_sk
    from {{ ref("stg_t18__sign_board") }}
    union all
    select
        'T20' as list,
        row_id,
        county_code,
        name,
        person_sk
    from {{ ref("stg_t20__care") }}
),

talent as (
    {% for rows in [
        ref("stg_t01__expert"),
        ref("stg_t02__recruited_talent"),
        ref("stg_t16__local_talent"),
        ref("stg_t17__leader"),
    ] %}
    select
        county_code,
        name,
        person_sk
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

told as (
    select
        n.list,
        n.row_id,
        null::uuid as other_row_id
    from local_named as n
    where
        n.name is not null
        and n.county_code in (
            select s.county_code from {{ ref("int_submissions__sent_list") }} as s where s.list in ('T16', 'T17')
        )
        and not exists (select 1 from talent as k where k.county_code = n.county_code and k.name = n.name)
        and not exists (select 1 from talent as p where p.county_code = n.county_code and p.person_sk = n.person_sk)
)

{{ told_rows("K74", "W", [
    ref("stg_t07__talent_pairing"),
    ref("stg_t12__cascade_training"),
    ref("stg_t18__sign_board"),
    ref("stg_t20__care"),
]) }}
