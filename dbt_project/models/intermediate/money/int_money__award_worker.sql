{#-
    Whom an employer's claim for an award is about: the labourers whose work with that employer falls into the claimed
    months. covers: the work lasts through all of them. Read before staging, so that what it finds can be told.
-#}
with spell as (
    select
        r.row_id,
        r.person_sk,
        r.county_code,
        r.employer_uscc,
        {{ employer_norm("r.employer") }} as employer_norm,
        to_char(r.start_on, 'YYYY-MM') as first_month,
        coalesce(to_char(r.end_on, 'YYYY-MM'), '9999-12') as last_month
    from {{ ref("stg_l3__transfer_employment") }} as r
    where r.person_sk is not null
)

select
    e.row_id,
    e.county_code,
    coalesce(e.uscc, {{ employer_norm("e.employer") }}) as claimant,
    s.person_sk,
    greatest(min(s.first_month), e.from_month) as from_month,
    least(max(s.last_month), e.to_month) as to_month,
    bool_or(s.first_month <= e.from_month and s.last_month >= e.to_month) as covers
from {{ ref("stg_e07__employer_award") }} as e
inner join
    spell as s
    on
        s.county_code = e.county_code
        and (s.employer_uscc = e.uscc or s.employer_norm = {{ employer_norm("e.employer") }})
        and s.first_month <= e.to_month
        and s.last_month >= e.from_month
where e.claimant_type <> '返乡创业贫困家庭大学生'
group by
    e.row_id, e.county_code, coalesce(e.uscc, {{ employer_norm("e.employer") }}), s.person_sk, e.from_month, e.to_month
