with paired as (
    select
        county_code,
        household_no,
        technician,
        daterange(paired_on, ended_on, '[]') as held
    from {{ ref("stg_t05__technician_pairing") }}
    where paired_on is not null and coalesce(ended_on >= paired_on, true)
),

told as (
    select
        'T10' as list,
        v.row_id,
        null::uuid as other_row_id
    from {{ ref("stg_t10__prescription_visit") }} as v
    inner join paired as p
        on p.county_code = v.county_code and p.household_no = v.household_no and p.held @> v.visited_on
    group by v.row_id, v.technician
    having not bool_or(p.technician = v.technician)
)

{{ told_rows("K72", "W", [ref("stg_t10__prescription_visit")]) }}
