with told as (
    select
        'T09' as list,
        p.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t09__prescription") }} as p
    inner join {{ ref("stg_t04__village_team") }} as m
        on
            m.village_code = p.village_code
            and m.appointed_on <= p.issued_on
            and coalesce(m.left_on, 'infinity') >= p.issued_on
    group by p.row_id, p.expert
    having not bool_or(m.member = p.expert)
)

{{ told_rows("K73", "W", [ref("stg_t09__prescription")]) }}
