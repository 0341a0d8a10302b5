{{ config(alias="sign_board") }}

-- What may be printed on a board: who helps the household now, its head masked, and nothing else of the people
-- in it. Numbers that a clerk wrote into a text are taken out; the telephone of an expert is asked of the office.
select
    county_code,
    town_code,
    ops.strip_numbers(town_name) as town_name,
    village_code,
    ops.strip_numbers(village_name) as village_name,
    regexp_replace(board_no, '[0-9]{9,}[Xx]?', '*', 'g') as board_no,
    ops.mask_name(head_name) as head_name,
    ops.strip_numbers(array_to_string(current_experts, '、')) as experts,
    ops.strip_numbers(array_to_string(current_talents, '、')) as talents,
    ops.strip_numbers(array_to_string(current_technicians, '、')) as technicians,
    industry,
    ops.strip_numbers(content) as content,
    hung_on,
    state_now
from {{ ref("sign_board") }}
where is_current and is_paired
