with unit_score as (
    select
        county_code,
        round,
        kind,
        unit,
        count(*) as items,
        sum(weight) as weights_pct,
        -- Points out of a hundred, whether or not the weights add up to a hundred.
        round((100 * sum(weight * score / nullif("full", 0)) / nullif(sum(weight), 0))::numeric, 2) as unit_score
    from {{ ref("stg_t22__assessment") }}
    group by county_code, round, kind, unit
),

ranked as (
    select
        *,
        rank() over (partition by county_code, round, kind order by unit_score desc nulls last) as unit_rank
    from unit_score
)

select
    {{ row_columns() }},
    r.unit,
    r.round,
    r.kind,
    r.item,
    r.weight as weight_pct,
    r.score,
    r.full_score,
    r.person as assessed_name,
    r.result_use,
    r.evidence,
    s.items::integer as items,
    s.weights_pct,
    s.unit_score,
    s.unit_rank::integer as unit_rank,
    r.rank as stated_rank,
    coalesce(r.rank <> s.unit_rank, false) as rank_differs,
    r.round = first_value(r.round) over (
        partition by r.county_code, r.kind
        order by r.as_of desc, r.round desc
    ) as is_current
from (
    select
        t.row_id,
        t.submission_id,
        t.sheet,
        t.row_no,
        t.county_code,
        coalesce(u.town_code, t.town_code) as town_code,
        coalesce(u.village_code, t.village_code) as village_code,
        t.period,
        t.as_of,
        t.unit,
        t.round,
        t.kind,
        t.item,
        t.weight,
        t.score,
        t."full" as full_score,
        t.person,
        t.result_use,
        t.evidence,
        t.rank
    from {{ ref("stg_t22__assessment") }} as t
    left join {{ ref("int_places__unit_place") }} as u on u.row_id = t.row_id
) as r
inner join ranked as s on s.county_code = r.county_code and s.round = r.round and s.kind = r.kind and s.unit = r.unit
{{ row_joins() }}
