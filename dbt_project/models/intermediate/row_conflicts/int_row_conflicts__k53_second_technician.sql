{{ config(materialized="view") }}

with recursive claim as (
    select
        'T05' as list,
        r.household_sk || '/' || r.industry as place,
        r.row_id,
        r.town_code,
        r.fill_date,
        r.key,
        r.paired_on as start_on,
        r.ended_on as end_on
    from {{ ref("stg_t05__technician_pairing") }} as r
    -- A pair outside the trade of its technician claims nothing.
    where not exists (
        select 1
        from {{ ref("int_row_conflicts__k52_other_trade") }} as o
        where o.row_id = r.row_id
    )
),

{{ first_claims("claim") }}

{{ told_rows("K53", "Q", [ref("stg_t05__technician_pairing")]) }}
