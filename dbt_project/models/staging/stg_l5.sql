select r.*
from {{ source("raw", "l5_now") }} as r
where not exists (select 1 from {{ ref("contradicted_row") }} as c where c.list = 'L5' and c.row_id = r.row_id)
