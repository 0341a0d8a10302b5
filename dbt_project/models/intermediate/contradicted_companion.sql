{#-
    What companion lists claim and other lists do not bear out, whichever came first. Where a whole list has not come
    yet nothing is told: its absence is known.
-#}
with sent as (
    {% for list in ["L3", "L4"] %}
    select distinct
        '{{ list }}' as list,
        county_code
    from {{ source("raw", list | lower ~ "_now") }}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

found as (
    select
        'K39' as rule,
        'E07' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e07_now") }} as r
    where
        r.claimant_type = '返乡创业贫困家庭大学生'
        and r.county_code in (select c.county_code from sent as c where c.list = 'L4')
        and not exists (
            select 1
            from {{ source("raw", "l4_now") }} as v
            where v.person_sk = r.person_sk and v.is_student and v.is_returnee
        )
    union all
    select
        'K40' as rule,
        'E04' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e04_now") }} as r
    where
        r.county_code in (select c.county_code from sent as c where c.list = 'L3')
        and not exists (
            select 1
            from {{ source("raw", "l3_now") }} as s
            where
                s.person_sk = r.person_sk
                and {{ employer_norm("s.employer") }} = {{ employer_norm("r.employer") }}
                and s.start_on between r.placed_on - {{ parameter("placement_days", "r.county_code") }}::integer
                and r.placed_on + {{ parameter("placement_days", "r.county_code") }}::integer
        )
    union all
    select
        'K41' as rule,
        'E05' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e05_now") }} as r
    where
        r.county_code in (select c.county_code from sent as c where c.list = 'L3')
        and r.poor_workers > (
            select count(distinct s.person_sk)
            from {{ source("raw", "l3_now") }} as s
            where
                s.county_code = r.county_code
                and s.employer_uscc = r.uscc
                and s.start_on <= {{ business_date() }}
                and coalesce(s.end_on, 'infinity') >= {{ business_date() }}
        )
    union all
    select
        'K41' as rule,
        'E07' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e07_now") }} as r
    where
        r.county_code in (select c.county_code from sent as c where c.list = 'L3')
        and r.workers > (
            select count(distinct w.person_sk)
            from {{ ref("award_worker") }} as w
            where w.row_id = r.row_id and w.covers
        )
    union all
    select
        'K42' as rule,
        'E08' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e08_now") }} as r
    where
        r.county_code in (select c.county_code from sent as c where c.list = 'L3')
        and r.persons <> (
            select count(distinct s.person_sk)
            from {{ source("raw", "l3_now") }} as s
            where
                s.village_code = r.village_code
                and s.channel = '村集体组织'
                and to_char(s.start_on, 'YYYY-"Q"Q') = r.quarter
        )
    union all
    select
        'K43' as rule,
        'E08' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e08_now") }} as r
    inner join {{ source("raw", "v01_now") }} as v on v.village_code = r.village_code
    where
        not v.is_poor
    union all
    select
        'K44' as rule,
        'E09' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e09_now") }} as r
    where
        r.county_code in (select c.county_code from sent as c where c.list = 'L4')
        and not exists (select 1 from {{ source("raw", "l4_now") }} as v where v.person_sk = r.person_sk)
    union all
    -- Two people in one developed post: the later one is told.
    select
        'K45' as rule,
        'L5' as list,
        r.row_id,
        o.row_id as other_row_id
    from {{ source("raw", "l5_now") }} as r
    inner join lateral (
        select p.row_id
        from {{ source("raw", "l5_now") }} as p
        where
            p.county_code = r.county_code
            and p.post_no = r.post_no
            and p.person_sk <> r.person_sk
            and p.start_on <= coalesce(r.left_on, r.end_on, 'infinity')
            and coalesce(p.left_on, p.end_on, 'infinity') >= r.start_on
            and (p.start_on, p.key) < (r.start_on, r.key)
            and not exists (select 1 from {{ ref("contradicted_row") }} as c where c.row_id = p.row_id)
        order by p.start_on, p.key
        limit 1
    ) as o on true
    where
        exists (
            select 1
            from {{ source("raw", "e15_now") }} as d
            where d.county_code = r.county_code and d.post_no = r.post_no
        )
    union all
    select
        'K47' as rule,
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
        from {{ source("raw", "e11_now") }}
        group by county_code, purpose, fund_source, year
    ) as l
    where
        l.amount_yuan < (
            select sum(p.amount_yuan)
            from {{ source("raw", "e02_now") }} as p
            where
                p.county_code = l.county_code
                and p.policy = l.purpose
                and p.fund_source = l.fund_source
                and left(p.period, 4)::integer = l.year
                and p.pay_status = '拨付'
        )
    union all
    -- A demonstration village's base stands among the bases.
    select
        'K46' as rule,
        'E06' as list,
        r.row_id,
        null::uuid as other_row_id
    from {{ source("raw", "e06_now") }} as r
    where
        r.item_no = 6
        and r.done
        and r.county_code in (select c.county_code from {{ source("raw", "e05_now") }} as c)
        and not exists (
            select 1
            from {{ source("raw", "e05_now") }} as b
            where
                b.county_code = r.county_code
                and (strpos(r.evidence, b.uscc) > 0 or strpos(r.evidence, b.base_name) > 0)
        )
    union all
    select
        'K48' as rule,
        d.list,
        unnest(d.claim_row_ids) as row_id,
        d.payment_row_ids[1] as other_row_id
    from {{ ref("money_difference") }} as d
    where d.is_told
    union all
    select
        'K48' as rule,
        'E02' as list,
        unnest(d.payment_row_ids) as row_id,
        d.claim_row_ids[1] as other_row_id
    from {{ ref("money_difference") }} as d
    where d.is_told
    union all
    select
        'K49' as rule,
        d.b_list as list,
        d.b_row_id as row_id,
        d.a_row_id as other_row_id
    from {{ ref("double_claim") }} as d
    where d.b_list in ('E04', 'E07')
),

-- A row is told of once by a rule, however many others speak against it.
told as (
    select distinct on (rule, row_id) *
    from found
    order by rule, row_id, other_row_id
)

{{ told_rows(["l2", "l4", "l5", "e02", "e03", "e04", "e05", "e06", "e07", "e08", "e09", "e11"]) }}
