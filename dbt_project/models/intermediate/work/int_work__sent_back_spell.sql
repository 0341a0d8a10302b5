{#-
    Spells that were sent back because they contradict the register or another list (X08, X15): they count nowhere, but
    both sides of a conflict have to be seen.
-#}
with told as (
    select distinct
        f.submission_id,
        f.sheet,
        f.row_no
    from {{ ref("stg_ops__finding") }} as f
    where f.rule in ('X08', 'X15') and f.verdict = 'Q' and f.closed_on is null and f.row_no is not null
),

spell as (
    {% for list, versions, rows, start, end, employer, amount in [
        ("L3", ref("stg_l3__transfer_employment_versions"), ref("stg_l3__transfer_employment"),
         "r.start_on", last_day("end_on", "r"), "r.employer", "null::numeric"),
        ("L4", ref("stg_l4__self_employment_versions"), ref("stg_l4__self_employment"),
         "r.reg_on", "r.closed_on", "r.ent_name", "r.grant_yuan"),
        ("L5", ref("stg_l5__public_post_versions"), ref("stg_l5__public_post"),
         "r.start_on", "coalesce(r.left_on, " ~ last_day("end_on", "r") ~ ")", "r.manager_unit", "r.amount_yuan"),
    ] %}
    select
        '{{ list }}' as list,
        r.row_id,
        r.submission_id,
        r.sheet,
        r.row_no,
        coalesce(r.key, r.row_id::text) as key,
        r.fate,
        r.person_sk,
        r.in_register,
        r.id_no,
        r.name,
        r.county_code,
        r.town_code,
        r.village_code,
        {{ start }} as start_on,
        {{ end }} as end_on,
        {{ employer }} as employer,
        {{ amount }} as amount_yuan,
        {{ known_on("r.as_of") }} as as_of,
        r.version,
        s.business_date
    from {{ versions }} as r
    inner join {{ ref("stg_ops__submission") }} as s on s.submission_id = r.submission_id
    where
        r.person_sk is not null
        and s.undone_at is null
        and s.business_date <= {{ business_date() }}
        and r.fate = 'quarantined'
        and exists (
            select 1
            from told as t
            where
                t.submission_id = r.submission_id
                and t.sheet is not distinct from r.sheet
                and t.row_no = r.row_no
        )
        -- A later row of the same key that was accepted has settled it.
        and not exists (select 1 from {{ rows }} as a where a.key = r.key)
    {{ "union all" if not loop.last }}
    {% endfor %}
)

select distinct on (list, key) *
from spell
order by list, key, version desc nulls last, row_id
