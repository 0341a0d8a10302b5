{#-
    What each demonstration village has of the eight items, and whether the three that need a proof have it: the person
    a name and a telephone, the cooperative its credit code, the base a row among the bases.
-#}
with item as (
    select
        e.*,
        case e.item_no
            when 2 then e.evidence ~ '[一-鿿]{2}' and e.evidence ~ '(1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8})'
            when 4 then e.evidence ~ '93[0-9A-HJ-NPQRTUWXY]{16}'
            when 6
                then exists (
                    select 1
                    from {{ ref("stg_e05__employment_base") }} as b
                    where
                        b.county_code = e.county_code
                        and (strpos(e.evidence, b.uscc) > 0 or strpos(e.evidence, b.base_name) > 0)
                )
        end as is_proven
    from {{ ref("stg_e06__demonstration_village") }} as e
    where e.village_code is not null
),

village as (
    select
        village_code,
        min(county_code) as county_code,
        min(town_code) as town_code,
        {% for n, name in [
            (1, "has_platform"), (2, "has_staff"), (3, "has_industry"), (4, "has_cooperative"), (5, "has_park"),
            (6, "has_base"), (7, "has_ecommerce"), (8, "has_income")
        ] -%}
        coalesce(bool_or(done) filter (where item_no = {{ n }}), false) as {{ name }},
        {% endfor -%}
        coalesce(bool_or(is_proven) filter (where item_no = 2 and done), false) as staff_is_proven,
        coalesce(bool_or(is_proven) filter (where item_no = 4 and done), false) as cooperative_is_proven,
        coalesce(bool_or(is_proven) filter (where item_no = 6 and done), false) as base_is_proven,
        count(distinct item_no) filter (where done)::integer as items_done,
        sum(invest_yuan) as invest_yuan,
        max(done_on) filter (where done) as last_done_on,
        max(as_of) as as_of
    from item
    group by village_code
)

select
    v.*,
    v.items_done = 8 and v.staff_is_proven and v.cooperative_is_proven and v.base_is_proven as is_complete
from village as v
