{{ config(alias="target_progress") }}

-- What may hang on a wall: a result of one to four, and what would give it away, stays away.
with figure as (
    select
        p.*,
        coalesce(p.actual, p.reported) as result,
        p.year || ' ' || p.indicator as quantity,
        case p.level when 'village' then p.town_code else p.county_code end as parent_code
    from {{ ref("target_progress") }} as p
    -- A goal that a clerk wrote in words of her own is no indicator of ours: no such words are published.
    where p.level in ('town', 'village') and p.indicator ~ '^[A-Za-z][A-Za-z_]*([0-9]{1,2}[A-Za-z_]*){0,2}$'
),

town as (
    select
        place_code,
        parent_code,
        quantity,
        result as amount,
        result as nearness,
        result between 0.01 and 4.99 as is_small
    from figure
    where level = 'town' and result is not null
),

village as (
    select
        place_code,
        parent_code,
        quantity,
        result as amount,
        result as nearness,
        result between 0.01 and 4.99 as is_small
    from figure
    where level = 'village' and result is not null
),

hidden_town as (
    {{ hidden_counts("town") }}
),

hidden as (
    select * from hidden_town
    union
    {{ hidden_counts("village", "hidden_town") }}
)

select
    f.year,
    f.indicator,
    case when f.indicator_name in (select w.word from ops.code_word as w) then f.indicator_name end as indicator_name,
    f.level,
    f.county_code,
    f.county_name,
    f.town_code,
    {{ masked_as("place", "f.town_name") }} as town_name,
    {{ masked_as("village", "f.village_code") }} as village_code,
    {{ masked_as("place", "f.village_name") }} as village_name,
    case
        when f.uom in (
            '人', '人次', '名', '户', '个', '家', '村', '场', '次', '期', '亩', '万亩', '元', '万元', '亿元', '%'
        ) then f.uom
    end as uom,
    f.target,
    case when h.place_code is null then f.actual end as actual,
    case when h.place_code is null then f.done_pct end as done_pct,
    case when h.place_code is null then f.rate_pct end as rate_pct,
    f.target_pct,
    case when h.place_code is null then f.pace end as pace,
    case when h.place_code is null then f.light end as light,
    case when h.place_code is null then f.rank_in_county end as rank_in_county,
    case when h.place_code is null then f.change_pct end as change_pct,
    f.due_on,
    f.as_of_on
from figure as f
left join hidden as h on f.place_code = h.place_code and f.quantity = h.quantity
