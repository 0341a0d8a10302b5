with granted as (
    select
        county_code,
        year,
        sum(amount_yuan) as year_total_yuan
    from {{ ref("stg_t19__honour") }}
    where honour = '基层人才补贴'
    group by county_code, year
),

-- One award of one person and year that several units claim, or one unit at two levels.
claimed as (
    select
        row_id,
        count(*) over (partition by county_code, person_sk, honour, year) as claims
    from {{ ref("stg_t19__honour") }}
    where person_sk is not null and amount_yuan > 0
)

select
    {{ list_columns() }},
    r.honour,
    r.year,
    r.level,
    r.state,
    r.amount_yuan,
    r.paid_on,
    r.doc_no,
    g.year_total_yuan,
    b.budget_yuan::numeric(14, 2) as budget_yuan,
    g.year_total_yuan > b.budget_yuan as over_budget,
    coalesce(c.claims > 1, false) as is_claimed_twice,
    r.year = extract(year from {{ business_date() }}) as is_current
from {{ ref("stg_t19__honour") }} as r
{{ list_joins() }}
-- The budget is that of one grant: other honours stand beside no sum.
left join granted as g on g.county_code = r.county_code and g.year = r.year and r.honour = '基层人才补贴'
left join lateral (
    select {{ parameter("talent_grant_budget_yuan", "g.county_code") }} as budget_yuan
) as b on true
left join claimed as c on c.row_id = r.row_id
