{#- The counties that anything here is about, by name: every mart names its county beside the code. -#}
select
    county_code,
    place_name as county_name
from {{ ref("int_places__place_name") }}
where level = 'county'
