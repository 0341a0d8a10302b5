-- The night compares all prescriptions before it builds.
with told as (
    select
        'T09' as list,
        row_id,
        other_row_id
    from {{ ref("stg_ops__copied_prescription") }}
)

{{ told_rows("K71", "W", [ref("stg_t09__prescription")]) }}
