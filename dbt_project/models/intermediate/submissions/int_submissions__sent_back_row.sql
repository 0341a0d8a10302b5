{#- Each row, or sheet without rows of its own, that went back, with the day on which all that was wrong was mended. -#}
select
    s.county_code,
    s.unit_code,
    s.submission_id,
    f.sheet,
    f.row_no,
    s.business_date as sent_back_on,
    case when bool_and(f.closed_on is not null) then max(f.closed_on) end as mended_on
from {{ ref("stg_ops__finding") }} as f
inner join {{ ref("stg_ops__submission") }} as s on s.submission_id = f.submission_id
where
    f.verdict in ('Q', 'S', 'F')
    and s.undone_at is null
    and s.business_date <= {{ business_date() }}
    and s.county_code is not null
    and s.unit_code is not null
group by s.county_code, s.unit_code, s.submission_id, f.sheet, f.row_no, s.business_date
