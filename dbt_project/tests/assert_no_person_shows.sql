{#-
    No relation that BI or the public may read holds an ID number, a phone, an account, or the last digits of an ID
    number. Keys are uuids and are taken out of the text first.
-#}
{% set relations = [
    "masked_expert", "masked_recruited_talent", "masked_talent_need", "masked_expert_group",
    "masked_expert_group_member", "masked_village_team", "masked_village_team_member", "masked_pairing_village",
    "masked_pairing_household", "masked_pairing_gap",
    "masked_one_db", "masked_household", "masked_place", "masked_status_conflict", "masked_person_history",
    "masked_list_basic_info", "masked_list_training", "masked_list_transfer_employment",
    "masked_list_self_employment", "masked_list_public_post", "masked_visit", "masked_revisit_due", "masked_task",
    "masked_payment", "masked_subsidy_duplicate", "masked_entitlement", "masked_coverage", "masked_target_progress",
    "masked_job_fair", "masked_placement", "masked_employment_base", "masked_employer_award",
    "masked_village_collective", "masked_loan_subsidy", "masked_training_class", "masked_fund_line",
    "masked_meeting", "masked_inspection_finding", "masked_post",
    "masked_reconciliation",
    "masked_demonstration_village",
    "masked_local_talent", "masked_leader", "masked_honour", "masked_care", "masked_war_map",
    "masked_assessment", "masked_platform", "masked_list_due",
    "masked_consultation", "masked_prescription", "masked_prescription_visit", "masked_training_order",
    "masked_cascade_training",
    "masked_demonstration_base", "masked_base_household", "masked_led_project", "masked_returnee",
    "masked_sign_board", "masked_share_holding", "published_sign_board",
    "masked_pairing_proposal", "masked_pairing_shortfall", "masked_unpaired_household",
    "published_coverage", "published_target_progress",
] %}
{% set number = "(^|[^0-9])([0-9]{15,19}[Xx]?|1[3-9][0-9]{9})([^0-9]|$)|[0-9*]\\*{4,}[0-9]" %}
with shown as (
    {% for relation in relations %}
    select
        '{{ relation }}' as relation,
        t::text as words
    from {{ ref(relation) }} as t
    where t::text ~ '{{ number }}'
    {{ "union all" if not loop.last }}
    {% endfor %}
)

-- A key may look like a number by chance.
select
    relation,
    count(*) as rows_that_show
from shown
where regexp_replace(words, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', '', 'g') ~ '{{ number }}'
group by relation
