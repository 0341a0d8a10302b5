{{ config(materialized="view") }}

with told as (
    select
        d.b_list as list,
        d.b_row_id as row_id,
        d.a_row_id as other_row_id
    from {{ ref("int_money__double_claim") }} as d
    where d.b_list in ('E04', 'E07')
)

{{ told_rows("K49", "W", [ref("stg_e02__payment"), ref("stg_e04__placement"), ref("stg_e07__employer_award")]) }}
