select
    {{ row_columns() }},
    r.household_sk,
    r.household_no,
    r.head_name,
    r.base_name,
    r.how,
    r.share_yuan,
    r.dividend_yuan,
    r.valid_from as valid_from_on,
    r.valid_to as valid_to_on,
    b.base_name is not null as has_base,
    r.valid_from <= {{ business_date() }} and coalesce(r.valid_to, 'infinity') >= {{ business_date() }} as is_current
from {{ ref("stg_t13h__base_household") }} as r
{{ row_joins() }}
left join (
    select distinct
        county_code,
        base_name
    from {{ ref("stg_t13__demonstration_base") }}
) as b on b.county_code = r.county_code and b.base_name = r.base_name
