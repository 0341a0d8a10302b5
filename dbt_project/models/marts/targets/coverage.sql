-- Where a place lies stands beside its light: a map that joins them by name would mix namesakes.
select
    c.*,
    s.lon,
    s.lat
from {{ ref("int_targets__judged_coverage") }} as c
left join {{ ref("int_places__place_spot") }} as s on c.place_code = s.place_code
