{{ config(materialized="view") }}

with told as (
    select
        'E11' as list,
        unnest(l.row_ids) as row_id,
        null::uuid as other_row_id
    from (
        select
            county_code,
            purpose,
            fund_source,
            year,
            sum(amount_yuan) as amount_yuan,
            array_agg(row_id) as row_ids
        from {{ ref("stg_e11__fund_line") }}
        group by county_code, purpose, fund_source, year
    ) as l
    where
        l.amount_yuan < (
            select sum(p.amount_yuan)
            from {{ ref("stg_e02__payment") }} as p
            where
                p.county_code = l.county_code
                and p.policy = l.purpose
                and p.fund_source = l.fund_source
                and left(p.period, 4)::integer = l.year
                and p.pay_status = '拨付'
        )
)

{{ told_rows("K47", "W", [ref("stg_e11__fund_line")]) }}
