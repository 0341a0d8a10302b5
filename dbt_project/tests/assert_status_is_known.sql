select person_sk
from {{ ref("one_db") }}
where
    current_status is null
    or current_status not in (
        '转移就业', '公益性岗位', '自主创业', '灵活就业', '在家务农', '未就业', '在校', '参军', '服刑', '丧失劳动力', '其他',
        '失联', '待核实', '死亡', '迁出', '超龄'
    )
