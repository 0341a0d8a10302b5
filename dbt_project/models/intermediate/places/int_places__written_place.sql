{#-
    The town, and the village, that a text names: an address where a list has no columns for them. The town's name
    before that of a village, the longer name before the shorter one; where several are meant none is.
-#}
with written as (
    select
        'E05' as list,
        row_id,
        county_code,
        town_code,
        address as place
    from {{ ref("stg_e05__employment_base") }}
    union all
    select
        'T23' as list,
        row_id,
        county_code,
        town_code,
        concat_ws(' ', place, name) as place
    from {{ ref("stg_t23__platform") }}
),

found as (
    select
        w.list,
        w.row_id,
        s.town_code,
        s.village_code,
        rank() over (
            partition by w.list, w.row_id
            order by
                s.town_code is not distinct from w.town_code desc, strpos(w.place, s.town_name) > 0 desc,
                s.level = 'village' desc, length(s.place_name) desc
        ) as place_rank
    from written as w
    inner join {{ ref("int_places__place_name") }} as s
        on s.county_code = w.county_code and s.level <> 'county' and strpos(w.place, s.place_name) > 0
)

select
    list,
    row_id,
    min(town_code) as town_code,
    min(village_code) as village_code
from found
where place_rank = 1
group by list, row_id
having count(*) = 1
