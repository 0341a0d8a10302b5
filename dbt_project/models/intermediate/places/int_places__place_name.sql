{#- A place may be known from the reference lists, or only because a row stands there. -#}
with typed as (
    {% for rows in [
        ref("stg_l1__basic_info"),
        ref("stg_l2__training"),
        ref("stg_l3__transfer_employment"),
        ref("stg_l4__self_employment"),
        ref("stg_l5__public_post"),
        ref("stg_e01__visit"),
        ref("stg_h01__household"),
    ] %}
    select
        county_code,
        town_code,
        village_code,
        town_name,
        village_name
    from {{ rows }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

named_town as (
    select
        town_code,
        mode() within group (order by town_name) as town_name
    from typed
    where town_code is not null and town_name is not null
    group by town_code
),

named_village as (
    select
        village_code,
        mode() within group (order by village_name) as village_name,
        min(town_code) as town_code
    from typed
    where village_code is not null and village_name is not null
    group by village_code
),

village as (
    select distinct on (v.village_code) v.*
    from {{ ref("stg_v01__village") }} as v
    where coalesce(v.valid_from, '-infinity') <= {{ business_date() }}
    order by v.village_code, v.valid_from desc nulls last, v.row_id
),

town as (
    select distinct on (t.town_code) t.*
    from {{ ref("stg_v02__town") }} as t
    where coalesce(t.valid_from, '-infinity') <= {{ business_date() }}
    order by t.town_code, t.valid_from desc nulls last, t.row_id
),

county_name as (
    select
        left(c.words, 6) as county_code,
        substr(c.words, 7) as county_name
    from (select string_to_table(counties, ' ') as words from {{ ref("county") }}) as c
),

county_codes as (
    select substr(town_code, 1, 6) as county_code from town
    union
    select substr(village_code, 1, 6) as county_code from village
    union
    select county_code from typed where county_code is not null
),

town_codes as (
    select town_code from town
    union
    select town_code from village where town_code is not null
    union
    select town_code from typed where town_code is not null
),

village_codes as (
    select village_code from village
    union
    select village_code from named_village
)

select
    'county' as level,
    c.county_code as place_code,
    c.county_code,
    null as town_code,
    null as village_code,
    coalesce(n.county_name, c.county_code) as place_name,
    null as town_name,
    null as village_name
from county_codes as c
left join county_name as n on n.county_code = c.county_code
union all
select
    'town' as level,
    c.town_code as place_code,
    substr(c.town_code, 1, 6) as county_code,
    c.town_code,
    null as village_code,
    coalesce(t.town_name, n.town_name, c.town_code) as place_name,
    coalesce(t.town_name, n.town_name, c.town_code) as town_name,
    null as village_name
from town_codes as c
left join town as t on t.town_code = c.town_code
left join named_town as n on n.town_code = c.town_code
union all
select
    'village' as level,
    c.village_code as place_code,
    substr(c.village_code, 1, 6) as county_code,
    coalesce(v.town_code, n.town_code, substr(c.village_code, 1, 9)) as town_code,
    c.village_code,
    coalesce(v.village_name, n.village_name) as place_name,
    coalesce(t.town_name, nt.town_name) as town_name,
    coalesce(v.village_name, n.village_name) as village_name
from village_codes as c
left join village as v on v.village_code = c.village_code
left join named_village as n on n.village_code = c.village_code
left join town as t on t.town_code = coalesce(v.town_code, n.town_code)
left join named_town as nt on nt.town_code = coalesce(v.town_code, n.town_code)
