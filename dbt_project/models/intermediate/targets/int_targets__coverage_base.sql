{#-
    The labourers by whom a month is measured: those of the register as it stood on the month's first night, so that a
    later change of the register shows in the next month alone. The hook moves this model's transaction to that night;
    nothing is kept, so that a night that is run again, or after an undo, counts the same people.
-#}
{{
    config(
        pre_hook="select set_config('yiku.business_date', ops.first_night()::text, true)",
        indexes=[{"columns": ["person_sk"]}],
    )
}}
select
    person_sk,
    household_sk,
    county_code,
    town_code,
    village_code
from ({{ register_members() }}) as member
where is_labourer
