{#-
    Who can be proposed: technicians for households, other experts as leaders of village teams. Home is what stands
    under the usual place: coordinates, else the one village or town that it names, else the place of the row. Experts
    of province and city come from any distance; only county level and above may lead a team.
-#}
with serving as (
    select
        e.county_code,
        e.person_sk,
        case when e.is_technician then 'technician' else 'chief' end as part,
        e.level,
        e.title,
        e.industries,
        e.town_code,
        e.village_code,
        e.base_place,
        e.name,
        e.unit,
        e.id_no,
        e.phone,
        regexp_match(e.base_place, '(1[0-3]\d\.\d+|[7-9]\d\.\d+)\D+([1-5]?\d\.\d+)') as written,
        coalesce(l.households_most, l.villages_most) as load_most,
        case when e.is_technician then l.households else l.villages end as carries
    from {{ ref("int_experts__expert_now") }} as e
    inner join {{ ref("int_experts__expert_load") }} as l on l.county_code = e.county_code and l.person_sk = e.person_sk
    where e.is_active
),

named as (
    select
        e.county_code,
        e.person_sk,
        s.town_code,
        s.village_code,
        s.lon,
        s.lat,
        rank() over (
            partition by e.county_code, e.person_sk
            order by
                strpos(e.base_place, s.town_name) > 0 desc, s.level = 'village' desc, length(s.place_name) desc,
                s.town_code is not distinct from e.town_code desc
        ) as place_rank
    from serving as e
    inner join {{ ref("int_places__place_spot") }} as s
        on s.county_code = e.county_code and strpos(e.base_place, s.place_name) > 0
    where e.written is null
),

home as (
    select
        county_code,
        person_sk,
        min(town_code) as town_code,
        min(village_code) as village_code,
        min(lon) as lon,
        min(lat) as lat
    from named
    where place_rank = 1
    group by county_code, person_sk
    having count(*) = 1
)

select
    e.county_code,
    e.person_sk,
    e.part,
    e.level,
    e.title,
    e.industries,
    e.load_most,
    case when h.person_sk is not null then h.town_code when e.written is null then e.town_code end as town_code,
    case
        when h.person_sk is not null then h.village_code
        when e.written is null then e.village_code
    end as village_code,
    case
        when e.written is not null then e.written[1]::numeric
        when h.person_sk is not null then h.lon
        else coalesce(v.lon, t.lon)
    end as lon,
    case
        when e.written is not null then e.written[2]::numeric
        when h.person_sk is not null then h.lat
        else coalesce(v.lat, t.lat)
    end as lat,
    case
        when e.part = 'technician' or e.level not in ('省', '市') then {{ parameter("pairing_km_most", "e.county_code") }}
    end as km_most,
    e.part = 'technician' or e.level in ('省', '市', '县') as fits,
    e.carries,
    -- What puts equals in order: the same wherever the lists are kept, as salted keys are not.
    row_number() over (
        partition by e.county_code, e.part
        order by e.town_code, e.village_code, e.name, e.unit, e.id_no, e.phone, e.person_sk
    )::integer as place
from serving as e
left join home as h on h.county_code = e.county_code and h.person_sk = e.person_sk
left join {{ ref("int_places__place_spot") }} as v on v.level = 'village' and v.village_code = e.village_code
left join {{ ref("int_places__place_spot") }} as t on t.level = 'town' and t.town_code = e.town_code
where e.load_most is not null
