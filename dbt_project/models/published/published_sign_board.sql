{{ config(alias="sign_board") }}

-- What may be printed on a board: where the household lives, who helps it now and with what. Nothing that a clerk typed
-- freely stands here: names are masked, words are those of our code lists, the number of the board is one of ours. No
-- board names a child, so that a household whose head is one has none.
with help as (
    select
        p.household_sk,
        string_agg(distinct s.service, '、' order by s.service) as services
    from {{ ref("pairing_household") }} as p
    cross join lateral unnest(p.services) as s (service)
    where p.is_current and s.service in (select w.word from ops.code_word as w)
    group by p.household_sk
)

select
    b.county_code,
    b.county_name,
    b.town_code,
    {{ masked_as("place", "b.town_name") }} as town_name,
    {{ masked_as("village", "b.village_code") }} as village_code,
    {{ masked_as("place", "b.village_name") }} as village_name,
    b.shown_no as board_no,
    ops.mask_name(b.head_name) as head_name,
    {% for helpers in ["experts", "talents", "technicians"] %}
    (
        select string_agg(ops.mask_name(h.helper), '、' order by h.at)
        from unnest(b.current_{{ helpers }}) with ordinality as h (helper, at)
    ) as {{ helpers }},
    {% endfor %}
    case when b.industry in (select w.word from ops.code_word as w) then b.industry end as industry,
    help.services as content,
    b.hung_on,
    b.state_now
from {{ ref("sign_board") }} as b
left join help on b.household_sk = help.household_sk
where b.is_current and b.is_paired and not b.is_of_child
