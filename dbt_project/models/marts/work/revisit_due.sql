with late as (
    select
        d.*,
        {{ business_date() }} - d.due_on as days_overdue
    from {{ ref("int_work__visit_due") }} as d
)

select
    d.person_sk,
    p.id_no,
    p.name,
    p.phone,
    p.county_code,
    p.town_code,
    t.town_name,
    p.village_code,
    v.village_name,
    d.visit_type,
    d.current_status,
    d.last_visit_on,
    d.last_reached_on,
    d.unreached_in_a_row,
    d.needs_home_visit,
    d.due_on,
    d.days_overdue > 0 as is_overdue,
    greatest(d.days_overdue, 0) as days_overdue,
    case
        when d.days_overdue >= {{ parameter("visit_overdue_county_days", "d.county_code") }} then '县'
        when d.days_overdue >= {{ parameter("visit_overdue_town_days", "d.county_code") }} then '乡'
        else '村'
    end as told_to,
    {{ business_date() }} as as_of_on
from late as d
inner join {{ ref("int_people__person") }} as p on p.person_sk = d.person_sk
left join {{ ref("int_places__place_name") }} as t on t.level = 'town' and t.town_code = p.town_code
left join {{ ref("int_places__place_name") }} as v on v.level = 'village' and v.village_code = p.village_code
