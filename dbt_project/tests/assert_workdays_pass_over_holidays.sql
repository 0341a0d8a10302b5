-- Friday 29 September 2017 was the last workday but one (the Saturday was worked) before the week of 1 October.
select day
from {{ ref("int_work__calendar_day") }}
where
    (day = '2017-09-30' and not (is_workday and workday_on = '2017-09-30' and retry_on = '2017-10-11'))
    or (day = '2017-10-03' and not (not is_workday and workday_on = '2017-10-09' and retry_on = '2017-10-12'))
