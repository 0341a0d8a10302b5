{#-
    What an expert, technician or local talent did for a village or household, as the lists of services say. Where two
    bear the name, nobody is told apart here: person_sk is null, and name says what was written.
-#}
with paired as (
    select
        household_sk,
        technician,
        min(person_sk::text)::uuid as person_sk
    from {{ ref("int_experts__technician_pairing") }}
    where household_sk is not null and person_sk is not null
    group by household_sk, technician
    having count(distinct person_sk) = 1
),

prescribed as (
    select
        county_code,
        rx_no,
        min(industry) as industry
    from {{ ref("stg_t09__prescription") }}
    group by county_code, rx_no
),

served as (
    select
        'T08' as list,
        c.row_id,
        c.county_code,
        e.person_sk,
        n.name,
        c.town_code,
        c.village_code,
        c.household_sk,
        c.industry,
        c.answered_on as served_on
    from {{ ref("stg_t08__consultation") }} as c
    cross join lateral unnest(c.experts) as n (name)
    left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = c.county_code and e.name = n.name
    union all
    select
        'T09' as list,
        r.row_id,
        r.county_code,
        e.person_sk,
        r.expert as name,
        r.town_code,
        r.village_code,
        null as household_sk,
        r.industry,
        r.issued_on as served_on
    from {{ ref("stg_t09__prescription") }} as r
    left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = r.county_code and e.name = r.expert
    union all
    -- Of technicians of one name the one who is paired with the household is meant.
    select
        'T10' as list,
        v.row_id,
        v.county_code,
        coalesce(p.person_sk, e.person_sk) as person_sk,
        v.technician as name,
        v.town_code,
        v.village_code,
        v.household_sk,
        x.industry,
        v.visited_on as served_on
    from {{ ref("stg_t10__prescription_visit") }} as v
    left join paired as p on p.household_sk = v.household_sk and p.technician = v.technician
    left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = v.county_code and e.name = v.technician
    left join prescribed as x on x.county_code = v.county_code and x.rx_no = v.rx_no
    union all
    select
        'T11' as list,
        o.row_id,
        o.county_code,
        e.person_sk,
        o.expert as name,
        o.town_code,
        o.village_code,
        null as household_sk,
        null as industry,
        o.delivered_on as served_on
    from {{ ref("stg_t11__training_order") }} as o
    left join {{ ref("int_experts__expert_by_name") }} as e on e.county_code = o.county_code and e.name = o.expert
    union all
    -- One session, however many learned there.
    (
        select distinct on (s.county_code, s.session_no, s.teacher, e.person_sk)
            'T12' as list,
            s.row_id,
            s.county_code,
            e.person_sk,
            s.teacher as name,
            s.town_code,
            s.village_code,
            null as household_sk,
            null as industry,
            s.held_on as served_on
        from {{ ref("stg_t12__cascade_training") }} as s
        inner join {{ ref("int_experts__named_helper") }} as e on e.list = 'T12' and e.row_id = s.row_id
        order by s.county_code, s.session_no, s.teacher, e.person_sk, s.held_on desc, s.row_id
    )
)

select *
from served
where name is not null and served_on <= {{ business_date() }}
