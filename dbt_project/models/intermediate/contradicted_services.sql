{#-
    What other rows say against services: K71 a prescription that copies another village's (at least 95 % of its pairs
    of characters are the other's too), K72 a visit by another technician than the paired one, K73 a prescription by
    somebody who is not of the village's team. The rows stay, their senders are told.
-#}
with prescribed as (
    select
        *,
        regexp_replace(measures, '[[:space:][:punct:]，。；：、！？（）【】“”]', '', 'g') as words
    from {{ source("raw", "t09_now") }}
    where measures is not null and village_code is not null
),

-- Of two texts that differ in few characters, the beginning or the end is the same.
candidate as (
    select
        n.row_id,
        o.row_id as other_row_id
    from prescribed as n
    inner join prescribed as o on o.county_code = n.county_code and left(o.words, 12) = left(n.words, 12)
    where o.village_code <> n.village_code and (o.issued_on, o.row_id) < (n.issued_on, n.row_id)
    union
    select
        n.row_id,
        o.row_id as other_row_id
    from prescribed as n
    inner join prescribed as o on o.county_code = n.county_code and right(o.words, 12) = right(n.words, 12)
    where o.village_code <> n.village_code and (o.issued_on, o.row_id) < (n.issued_on, n.row_id)
),

gram as (
    select distinct
        p.row_id,
        substr(p.words, i, 2) as pair
    from prescribed as p
    inner join (
        select row_id from candidate
        union
        select other_row_id from candidate
    ) as c on c.row_id = p.row_id
    cross join lateral generate_series(1, greatest(char_length(p.words) - 1, 1)) as i
),

size as (
    select
        row_id,
        count(*) as pairs
    from gram
    group by row_id
),

likeness as (
    select
        c.row_id,
        c.other_row_id
    from candidate as c
    inner join gram as n on n.row_id = c.row_id
    inner join gram as o on o.row_id = c.other_row_id and o.pair = n.pair
    inner join size as ns on ns.row_id = c.row_id
    inner join size as os on os.row_id = c.other_row_id
    group by c.row_id, c.other_row_id, ns.pairs, os.pairs
    having 2.0 * count(*) / (ns.pairs + os.pairs) >= 0.95
),

copied as (
    select
        row_id,
        min(other_row_id::text)::uuid as other_row_id
    from likeness
    group by row_id
),

paired as (
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
    from copied
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
