{{ config(materialized="view") }}

with told as (
    -- Two people in one developed post: the later one is told.
    select
        'L5' as list,
        r.row_id,
        o.row_id as other_row_id
    from {{ ref("stg_l5__public_post") }} as r
    inner join lateral (
        select p.row_id
        from {{ ref("stg_l5__public_post") }} as p
        where
            p.county_code = r.county_code
            and p.post_no = r.post_no
            and p.person_sk <> r.person_sk
            and p.start_on <= coalesce(r.left_on, r.end_on, 'infinity')
            and coalesce(p.left_on, p.end_on, 'infinity') >= r.start_on
            and (p.start_on, p.key) < (r.start_on, r.key)
        order by p.start_on, p.key
        limit 1
    ) as o on true
    where
        exists (
            select 1
            from {{ ref("stg_e15__post") }} as d
            where d.county_code = r.county_code and d.post_no = r.post_no
        )
)

{{ told_rows("K45", "W", [ref("stg_l5__public_post")]) }}
