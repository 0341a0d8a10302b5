{#-
    What an inspection of this quarter would visit if it were drawn tonight: villages first, then households in them.
    Drawn without replacement, each with a chance by its risk (Efraimidis and Spirakis: the smallest -ln(lot) / weight).
    So that most of a county's villages that are drawn have something against them, and some have nothing. A point weighs
    more with households, of which a village has many without any.
-#}
with waited as (
    select
        c.*,
        -ln(c.lot::double precision) / (1 + c.risk_points * case c.line_kind when 'village' then 4 else 20 end) as wait
    from {{ ref("int_inspections__candidate") }} as c
),

village as (
    select
        w.*,
        row_number() over (partition by w.county_code order by w.wait, w.village_code) as nth
    from waited as w
    where w.line_kind = 'village'
),

drawn_village as (
    select v.*
    from village as v
    where v.nth <= {{ parameter("inspection_villages_most", "v.county_code") }}
),

household as (
    select
        w.*,
        row_number() over (
            partition by w.village_code order by w.wait, w.household_sk, w.person_sk
        ) as nth
    from waited as w
    inner join drawn_village as d on d.village_code = w.village_code
    where w.line_kind <> 'village'
),

drawn as (
    select *
    from drawn_village
    union all
    select h.*
    from household as h
    where h.nth <= {{ parameter("inspection_households_most", "h.county_code") }}
),

-- By this whoever has a list of what was drawn from knows that it is the one.
drawn_from as (
    select
        county_code,
        {{ parameter("inspection_villages_most", "county_code") }} as villages_most,
        {{ parameter("inspection_households_most", "county_code") }} as households_most,
        count(*)::integer as candidate_count,
        md5(string_agg(draw_of || ':' || risk_points, ',' order by draw_of))::uuid as candidates_md5
    from {{ ref("int_inspections__candidate") }}
    group by county_code
),

numbered as (
    select
        d.*,
        row_number() over (
            partition by d.county_code
            order by d.town_code, d.village_code, d.line_kind = 'village' desc, d.nth
        ) as line_no
    from drawn as d
)

select
    n.county_code,
    n.town_code,
    n.village_code,
    n.period,
    n.line_no::integer as line_no,
    substr(n.period, 3, 2) || right(n.period, 2) || '-' || lpad(n.line_no::text, 3, '0') as sample_no,
    n.line_kind,
    n.household_sk,
    n.head_name,
    n.group_no,
    n.person_sk,
    n.status_conflict_count,
    n.drag_fill_count,
    n.unpaired_count,
    n.stale_count,
    n.risk_points,
    f.villages_most,
    f.households_most,
    f.candidate_count,
    f.candidates_md5,
    coalesce(
        nullif(
            concat_ws(
                '；',
                case when n.status_conflict_count > 0 then '名单之间冲突' || n.status_conflict_count || '人' end,
                case when n.drag_fill_count > 0 then '号码疑似下拉填充' || n.drag_fill_count || '人' end,
                case when n.unpaired_count > 0 then '没有技术员结对' || n.unpaired_count || '户' end,
                case when n.stale_count > 0 then '就业状态待核实' || n.stale_count || '人' end
            ), ''
        ), '随机抽查'
    ) as why
from numbered as n
inner join drawn_from as f on f.county_code = n.county_code
-- Three digits, or a number of a line would look like one of a person.
where n.line_no <= 999
