"""What the database can refuse is answered in words, run again, or cannot be a user's doing."""

import re

from source_tree import all_modules, declare_tables
from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from service.database.constraints import registered
from service.database.tables import METADATA
from service.database.target_guards import AMOUNT_STAYS, SUMS_HOLD

KIND = UniqueConstraint | CheckConstraint | ExcludeConstraint
# Made by `one_of`: the word comes from an enumeration of ours, never from an input.
ENUMERATED = re.compile(r"^\w+ IN \('")
# Written by sign-in and by operators, outside units of work: they answer conflicts themselves.
PLATFORM = ("platform_", "global_")

DOOR = "the command looks at the input first and says what it expects"
QUEUE = "only written under the lock of the site's queue"
REGISTER = "only written under the lock of the register or of the registration"

# Constraint -> why no user can break it.
UNREACHABLE = {
    "api_key_name_length_check": DOOR,
    "calendar_day_day_key": "a day is written with ON CONFLICT DO UPDATE",
    "call_record_length_check": DOOR,
    "call_record_phone_check": "numbers become E.164 before they are looked for or written",
    "campaign_attribution_check": DOOR,
    "campaign_budget_amount_check": DOOR,
    "campaign_budget_reason_length_check": DOOR,
    "campaign_cancelled_check": "a cancellation has its day and its reason, or neither",
    "campaign_code_length_check": DOOR,
    "campaign_cost_amount_check": DOOR,
    "campaign_cost_purpose_length_check": DOOR,
    "campaign_days_check": DOOR,
    "campaign_reason_length_check": DOOR,
    "campaign_site_campaign_id_site_id_key": "only written under the lock of the campaign",
    "campaign_touch_reason_length_check": DOOR,
    "campaign_touch_sign_check": "a line counts one, or takes one back",
    "campaign_touch_subject_check": "a line is of a visit or of a call, as the command says",
    "channel_code_key": "channels are made with the tenant from a shipped template",
    "command_principal_idempotency_key_key": "the key is taken with ON CONFLICT DO NOTHING",
    "contact_point_phone_check": "numbers become E.164 before they are looked for or written",
    "credit_share_points_check": "shares are divided by us and sum to the whole",
    "credit_entry_reverses_id_key": "taken back once, under the lock of the deal",
    "deal_contract_check": "the parts of a contract are written together",
    "deal_cancellation_check": "the parts of a cancellation are written together",
    "deal_cancellation_reason_length_check": DOOR,
    "deal_amount_check": "a price without a currency is given the tenant's",
    "deal_member_member_id_deal_id_key": "a part is written with ON CONFLICT DO NOTHING",
    "decision_member_member_id_decision_id_key": "a decision names its sides once, under a lock",
    "departure_reason_length_check": DOOR,
    "departure_successor_check": DOOR,
    "dispute_ground_length_check": DOOR,
    "dispute_has_subject_check": DOOR,
    "dispute_members_check": DOOR,
    "dispute_outcome_check": DOOR,
    "dispute_step_dispute_id_step_number_key": "only written under the lock of the deal",
    "dispute_step_outcome_check": DOOR,
    "duty_code_length_check": DOOR,
    "duty_permission_of_duty_check": "only templates have rows of no duty, and those deny",
    "follow_up_content_length_check": DOOR,
    "follow_up_registration_id_entry_number_key": REGISTER,
    "inspection_finding_inspection_id_item_id_key": DOOR,
    "inspection_finding_remark_length_check": DOOR,
    "inspection_item_code_length_check": DOOR,
    "inspection_remark_length_check": DOOR,
    "member_name_length_check": DOOR,
    "metric_code_length_check": DOOR,
    "metric_credit_basis_points_check": DOOR,
    "metric_credit_product_code_length_check": DOOR,
    "metric_credit_reason_length_check": DOOR,
    "metric_credit_source_key_length_check": DOOR,
    "metric_credit_day_key": "the ledger's trigger adds with ON CONFLICT DO UPDATE",
    "metric_credit_month_key": "the ledger's trigger adds with ON CONFLICT DO UPDATE",
    "metric_credit_late_key": "the ledger's trigger adds with ON CONFLICT DO UPDATE",
    "metric_credit_line_day_key": "the ledger's trigger adds with ON CONFLICT DO UPDATE",
    "metric_credit_channel_code_length_check": DOOR,
    "metric_credit_party_month_key": "the ledger's trigger adds with ON CONFLICT DO UPDATE",
    "metric_credit_late_days_check": "the ledger's trigger adds what is late alone",
    "metric_currency_check": DOOR,
    "metric_launch_check": DOOR,
    "member_staff_code_length_check": DOOR,
    "notification_event_key_member_id_key": "somebody is told with ON CONFLICT DO NOTHING",
    "number_series_series_scope_id_day_key": "a number is taken with ON CONFLICT DO UPDATE",
    "org_unit_code_length_check": DOOR,
    "outbox_transaction_position_key": "the database counts the positions itself",
    "party_full_name_length_check": DOOR,
    "identity_secret_tenant_id_key": "a company's key is made with ON CONFLICT DO UPDATE",
    "party_identity_digest_check": "a digest is worked out by us",
    "party_identity_shown_check": "what is shown is worked out by us, of documents alone",
    "party_name_key_party_id_key_key": "keys of a name are written with ON CONFLICT DO NOTHING",
    "party_relation_to_another_check": DOOR,
    "pool_entry_origin_check": "who is pooled comes from a visit or a registration, by one function"
    " each",
    "pool_entry_visit_id_key": "written under the lock of the queue or the visit, once looked for",
    "pool_entry_registration_id_key": "a registration is released under its own lock, and once",
    "penalty_case_measure_length_check": DOOR,
    "penalty_case_reason_length_check": DOOR,
    "presence_site_id_day_member_id_key": QUEUE,
    "registration_origin_check": "an entry is made of a visit or of a call, by one function each",
    "registration_register_book_id_entry_number_key": REGISTER,
    "removed_phone_reason_length_check": DOOR,
    "role_code_length_check": DOOR,
    "rotation_queue_site_id_key": "a site and its queue are made together",
    "rulebook_simulation_period_check": DOOR,
    "rulebook_simulation_summary_check": "the worker writes the totals with the end",
    "rulebook_draft_approved_check": "a draft is approved together with its version",
    "rulebook_draft_decided_check": "who decides is written with the decision",
    "rulebook_draft_four_eyes_check": "the duties refuse an author before anything is written",
    "rulebook_draft_name_length_check": DOOR,
    "rulebook_draft_text_length_check": DOOR,
    "rulebook_draft_submitted_check": "a draft without a digest is refused before",
    "rulebook_version_effective_check": "publishing gives the instant",
    "rulebook_version_lasts_check": "an end is looked at before it is written",
    "shift_lasts_check": DOOR,
    "simulation_case_rulebook_simulation_id_position_key": "the worker counts the cases itself",
    "simulation_tally_rulebook_simulation_id_position_key": "the worker counts the sums itself",
    "bonus_scheme_code_length_check": DOOR,
    "bonus_scheme_days_check": DOOR,
    "bonus_step_figures_check": DOOR,
    "bonus_step_scheme_id_from_basis_points_key": DOOR,
    "scorecard_code_length_check": DOOR,
    "scorecard_days_check": DOOR,
    "scorecard_for_check": DOOR,
    "scorecard_line_figures_check": DOOR,
    "scorecard_line_scorecard_id_metric_id_key": DOOR,
    "season_step_days_check": DOOR,
    "season_step_key": "a plan's season is set whole, under the plan's lock",
    "season_step_weight_check": DOOR,
    "site_code_length_check": DOOR,
    "target_change_away_check": DOOR,
    "target_change_reason_length_check": DOOR,
    "target_node_channel_code_length_check": DOOR,
    "target_node_days_check": DOOR,
    "target_node_holder_check": DOOR,
    "target_node_over_assignment_check": DOOR,
    "target_node_product_code_length_check": DOOR,
    "target_node_seat_length_check": DOOR,
    "target_plan_code_length_check": DOOR,
    "target_plan_days_check": DOOR,
    "target_response_amount_check": "a proposal has an amount, by the one function that makes it",
    "target_response_comment_length_check": DOOR,
    "tenant_code_check": "operators give codes, looked at before the directory is written",
    "tenant_name_length_check": "operators give names, looked at before the directory is written",
    "term_code_key": "terms are made with the tenant from a shipped template",
    "account_trait_code_check": DOOR,
    "territory_code_length_check": DOOR,
    "territory_model_code_length_check": DOOR,
    "territory_move_target_with_check": "what a preview writes goes with a customer or a territory",
    "territory_place_below_another_check": DOOR,
    "territory_place_lasts_check": "a place ends at the instant its successor begins",
    "territory_place_rule_length_check": DOOR,
    "timer_kind_subject_id_due_at_key": "a deadline is scheduled with ON CONFLICT DO NOTHING",
    "opportunity_amount_check": DOOR,
    "opportunity_closed_check": "a state and its day are written by the one command that closes",
    "opportunity_name_length_check": DOOR,
    "opportunity_probability_check": DOOR,
    "opportunity_reason_length_check": DOOR,
    "opportunity_stage_code_length_check": DOOR,
    "opportunity_stage_probability_check": DOOR,
    "opportunity_standing_days_check": "a standing ends on a later day than it began, or goes on",
    "opportunity_standing_opportunity_id_first_day_key": "written with ON CONFLICT DO UPDATE",
    "work_item_figures_check": DOOR,
    "work_item_remark_length_check": DOOR,
    "work_item_title_length_check": DOOR,
    "visit_party_visit_id_party_id_key": "a visit's customer is entered under the visit's lock",
    "visit_site_id_reception_day_number_key": QUEUE,
}


def breakable() -> set[str]:
    """Return every unique, check and exclusion constraint of a tenant's tables."""
    declare_tables()
    # Raised by triggers under a name of their own.
    found: set[str] = {AMOUNT_STAYS, SUMS_HOLD}
    for table in METADATA.sorted_tables:
        if table.name.startswith(PLATFORM):
            continue
        for constraint in table.constraints:
            enumerated = isinstance(constraint, CheckConstraint) and ENUMERATED.match(
                str(constraint.sqltext)
            )
            if isinstance(constraint, KIND) and not enumerated:
                found.add(str(constraint.name))
        found |= {str(index.name) for index in table.indexes if index.unique}
    return found


def test_every_constraint_a_user_can_break_has_an_answer() -> None:
    all_modules()

    assert sorted(breakable() - registered() - UNREACHABLE.keys()) == []


def test_every_answer_and_every_reason_is_about_a_constraint_that_exists() -> None:
    all_modules()
    keys = {f"{table.name}_pk" for table in METADATA.sorted_tables}
    links = {
        str(link.name) for table in METADATA.sorted_tables for link in table.foreign_key_constraints
    }

    assert sorted(registered() - breakable() - keys - links) == []
    assert sorted(UNREACHABLE.keys() - breakable()) == []


def test_no_constraint_is_both_answered_and_out_of_reach() -> None:
    all_modules()

    assert sorted(UNREACHABLE.keys() & registered()) == []
