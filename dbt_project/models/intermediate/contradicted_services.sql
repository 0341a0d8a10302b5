{#-
    What other rows say against services: K71 a prescription that copies another village's (the night compares them all
    before it builds), K72 a visit by another technician than the paired one, K73 a prescription by somebody who is not
    of the village's team. The rows stay, their senders are told.
-#}
with paired as (
    select
        county_code,
        household_no,
        technician,
        daterange(paired_on, ended_on, '[]') as held
    from {{ source("raw", "t05_now") }}
    where paired_on is not null and coalesce(ended_on >= paired_on, true)
),

stranger as (
    select v.row_id
    from {{ source("raw", "t10_now") }} as v
    inner join paired as p
        on p.county_code = v.county_code and p.household_no = v.household_no and p.held @> v.visited_on
    group by v.row_id, v.technician
    having not bool_or(p.technician = v.technician)
),

outsider as (
    select p.row_id
    from {{ source("raw", "t09_now") }} as p
    inner join {{ source("raw", "t04_now") }} as m
        on
            m.village_code = p.village_code
            and m.appointed_on <= p.issued_on
            and coalesce(m.left_on, 'infinity') >= p.issued_on
    group by p.row_id, p.expert
    having not bool_or(m.member = p.expert)
),

told as (
    select
        'K71' as rule,
        'T09' as list,
        row_id,
        other_row_id
    from {{ source("ops", "copied_prescription") }}
    union all
    select
        'K72' as rule,
        'T10' as list,
        row_id,
        null as other_row_id
    from stranger
    union all
    select
        'K73' as rule,
        'T09' as list,
        row_id,
        null as other_row_id
    from outsider
)

{{ told_rows(["t09", "t10"]) }}
