with told as (
    select
        'T05' as list,
        r.row_id,
        e.row_id as other_row_id
    from {{ ref("stg_t05__technician_pairing") }} as r
    inner join {{ ref("int_experts__expert_now") }} as e on e.county_code = r.county_code and e.person_sk = r.person_sk
    where not r.industry = any(e.industries)
)

{{ told_rows("K52", "Q", [ref("stg_t05__technician_pairing"), ref("stg_t01__expert")]) }}
