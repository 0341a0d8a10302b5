{#- Payments fill the lines of one policy, source and year in the order of their documents; the last takes the rest. -#}
with line as (
    select
        r.*,
        coalesce(
            sum(r.amount_yuan) over (
                shared
                order by r.doc_no nulls last, r.key, r.row_id
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as earlier_yuan,
        lead(r.row_id) over (shared order by r.doc_no nulls last, r.key, r.row_id) is null as is_last,
        min(r.fund_source) over of_policy = max(r.fund_source) over of_policy as is_only_source
    from {{ ref("stg_e11__fund_line") }} as r
    window
        shared as (partition by r.county_code, r.purpose, r.year, r.fund_source),
        of_policy as (partition by r.county_code, r.purpose, r.year)
),

paid as (
    select
        county_code,
        policy,
        left(period, 4)::integer as year,
        fund_source,
        sum(amount_yuan) as amount_yuan
    from {{ ref("int_money__payment_fact") }}
    where is_paid and period is not null
    group by county_code, policy, left(period, 4), fund_source
),

spent as (
    select
        l.*,
        -- A payment that names no source is of the only one there is.
        coalesce((
            select sum(p.amount_yuan)
            from paid as p
            where
                p.county_code = l.county_code
                and p.policy = l.purpose
                and p.year = l.year
                and (p.fund_source = l.fund_source or p.fund_source is null and l.is_only_source)
        ), 0) as paid_yuan
    from line as l
),

filled as (
    select
        s.*,
        case
            when s.is_last then greatest(s.paid_yuan - s.earlier_yuan, 0)
            else greatest(least(s.paid_yuan - s.earlier_yuan, s.amount_yuan), 0)
        end as filled_yuan
    from spent as s
)

select
    {{ row_columns() }},
    r.year,
    r.fund_name,
    r.fund_source,
    r.doc_no,
    r.purpose as policy,
    r.amount_yuan,
    r.filled_yuan::numeric(14, 2) as spent_yuan,
    r.spent_yuan as stated_spent_yuan,
    coalesce(r.spent_yuan <> r.filled_yuan, false) as spent_differs,
    (r.amount_yuan - r.filled_yuan)::numeric(14, 2) as left_yuan,
    r.filled_yuan > r.amount_yuan as is_overspent,
    r.year = extract(year from {{ business_date() }}) as is_current
from filled as r
{{ row_joins() }}
