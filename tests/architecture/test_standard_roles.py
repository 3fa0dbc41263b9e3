"""The standard roles may do what the roles page says, no more and no less, in every template."""

import pytest
from shipped_policy import (
    COLLEAGUE,
    ME,
    MY_REGION,
    MY_TEAM,
    OTHER_TENANT,
    REACHES,
    RECORDS,
    me,
    shipped,
)

from service.policies.access import ACTIONS, CompiledTenant, Domain, Record
from service.provisioning.templates import load_template, template_codes

SCOPE_OF_LETTER = {"O": "own", "T": "team", "R": "territory", "A": "tenant"}
STANDARD_ROLES = (
    "tenant-admin",
    "director",
    "regional-manager",
    "sales-manager",
    "sales-representative",
    "assistant",
    "clerk",
    "finance-clerk",
    "partner-user",
)

# The table of the standard roles (model page 5.5), in the words of the access vocabulary. Columns
# are STANDARD_ROLES; O own, T team, R territory, A whole tenant, - not at all.
STANDARD = """
                              adm dir reg mgr rep ast clk fin par
tenant.view                    A   A   A   A   A   A   A   A   A
tenant.edit                    A   -   -   -   -   -   -   -   -
org_unit.view                  A   A   A   A   A   A   A   A   -
org_unit.create                A   -   -   -   -   -   -   -   -
org_unit.edit                  A   -   -   -   -   -   -   -   -
org_unit.retire                A   -   -   -   -   -   -   -   -
territory.view                 A   A   A   A   A   A   A   A   -
territory.create               A   -   -   -   -   -   -   -   -
territory.edit                 A   -   -   -   -   -   -   -   -
territory.retire               A   -   -   -   -   -   -   -   -
territory.assign               A   A   R   -   -   -   -   -   -
territory_model.view           A   A   O   O   O   O   O   O   -
territory_model.create         A   A   O   -   -   -   -   -   -
territory_model.edit           A   A   O   -   -   -   -   -   -
territory_model.place          A   A   R   -   -   -   -   -   -
territory_model.activate       A   A   -   -   -   -   -   -   -
account_trait.declare          A   A   -   -   -   -   -   -   -
site.view                      A   A   A   A   A   A   A   A   A
site.create                    A   -   -   -   -   -   -   -   -
site.edit                      A   -   -   -   -   -   -   -   -
member.view                    A   A   R   T   T   A   T   T   -
member.create                  A   -   -   -   -   -   -   -   -
member.edit                    A   -   -   -   -   -   -   -   -
member.leave                   A   -   -   -   -   -   -   -   -
role.view                      A   A   R   T   O   A   -   -   -
role.create                    A   -   -   -   -   -   -   -   -
role.edit                      A   -   -   -   -   -   -   -   -
role.retire                    A   -   -   -   -   -   -   -   -
duty.view                      A   A   R   T   O   A   -   -   -
duty.create                    A   -   -   -   -   -   -   -   -
duty.edit                      A   -   -   -   -   -   -   -   -
duty.retire                    A   -   -   -   -   -   -   -   -
assignment.view                A   A   R   T   O   A   O   O   -
assignment.create              A   -   -   -   -   -   -   -   -
assignment.end                 A   -   -   -   -   -   -   -   -
delegation.view                A   A   R   T   O   A   O   O   -
delegation.create              A   A   R   T   -   -   -   -   -
delegation.end                 A   A   R   T   -   -   -   -   -
api_key.view                   A   -   -   -   -   -   -   -   -
api_key.create                 A   -   -   -   -   -   -   -   -
api_key.revoke                 A   -   -   -   -   -   -   -   -
leave.view                     A   A   R   T   O   A   O   O   -
leave.record                   A   A   R   T   -   -   -   -   -
access.explain                 A   -   -   -   -   -   -   -   -
shift.view                     -   A   R   T   T   -   T   -   -
shift.plan                     -   -   -   T   -   -   -   -   -
reception_queue.view           -   A   R   T   T   -   T   -   -
reception_queue.sign_in        -   -   -   T   O   -   T   -   -
reception_queue.sign_out       -   -   -   T   O   -   T   -   -
reception_queue.go_away        -   -   -   T   O   -   T   -   -
reception_queue.come_back      -   -   -   T   O   -   T   -   -
reception_queue.take_day_off   -   -   -   T   O   -   T   -   -
visit.view                     -   A   R   T   O   -   T   -   -
visit.record                   -   -   -   T   -   -   T   -   -
visit.take                     -   -   -   -   O   -   -   -   -
visit.name                     -   -   -   T   O   -   T   -   -
visit.expose                   -   -   -   T   O   -   T   -   -
visit.reassign                 -   -   -   T   -   -   -   -   -
visit.close                    -   -   -   T   O   -   T   -   -
visit.note_stage               -   -   -   T   O   -   T   -   -
call.view                      -   A   R   T   O   A   T   -   -
call.record                    -   -   -   T   O   A   T   -   -
party.view                     -   A   R   T   O   -   A   -   O
party.create                   -   -   -   T   O   -   T   -   O
party.edit                     -   -   -   T   O   -   T   -   -
party.link                     -   -   -   T   O   -   T   -   -
party.reveal_phone             -   A   R   T   O   -   A   -   -
party.view.phone               -   -   -   T   O   -   A   -   -
register.view                  -   A   R   T   O   -   -   -   -
register.append                -   -   -   -   O   -   -   -   -
register.void                  -   A   R   T   -   -   -   -   -
follow_up.view                 -   A   R   T   O   -   -   -   -
follow_up.record               -   -   -   -   O   -   -   -   -
follow_up.correct              -   -   -   -   O   -   -   -   -
deal.view                      -   A   R   T   O   -   A   A   -
deal.record                    -   -   -   -   O   -   A   -   -
deal.contract                  -   -   -   T   -   -   A   -   -
deal.cancel                    -   A   R   T   -   -   A   -   -
claim.view                     -   A   R   T   O   -   -   -   -
claim.file                     -   -   -   -   O   -   -   -   -
claim.vouch                    -   A   R   T   -   -   -   -   -
departure.view                 A   A   R   T   -   -   -   -   -
pool.view                      -   A   R   T   -   -   -   -   -
pool.assign                    -   A   R   T   -   -   -   -   -
dispute.view                   -   A   R   T   O   -   -   -   -
dispute.open                   -   -   -   T   O   -   -   -   -
dispute.settle                 -   -   -   -   O   -   -   -   -
dispute.decide                 -   A   R   T   -   -   -   -   -
dispute.appeal                 -   -   -   -   O   -   -   -   -
dispute.decide_appeal          -   A   R   -   -   -   -   -   -
penalty_case.view              -   A   R   T   O   -   -   -   -
penalty_case.close             -   A   R   T   -   -   -   -   -
contract.view                  -   A   R   T   O   -   A   A   -
payment.record                 -   -   -   -   -   -   -   A   -
credit.view                    -   A   R   T   O   -   -   -   -
metric.view                    A   A   A   A   A   A   A   A   -
metric.edit                    A   A   -   -   -   -   -   -   -
target_plan.view               A   A   A   A   A   A   A   A   -
target_plan.edit               -   A   -   -   -   A   -   -   -
target_plan.approve            -   A   -   -   -   -   -   -   -
target_plan.publish            -   A   -   -   -   -   -   -   -
metric_credit.view             A   A   R   T   O   A   -   A   -
metric_credit.record           -   A   -   -   -   -   -   A   -
target.view                    A   A   R   T   O   A   -   -   -
target.view_total              -   -   -   -   -   -   A   A   -
target.distribute              -   A   R   T   -   A   -   -   -
target.propose                 -   A   R   T   O   -   -   -   -
target.approve                 -   A   R   T   -   -   -   -   -
target.acknowledge             -   A   R   T   O   -   -   -   -
target.adjust                  -   A   R   T   -   -   -   -   -
opportunity_stage.view         A   A   A   A   A   A   A   A   -
opportunity_stage.edit         A   A   -   -   -   -   -   -   -
opportunity.view               -   A   R   T   O   -   -   -   -
opportunity.record             -   A   R   T   O   -   -   -   -
campaign.view                  A   A   A   A   A   A   A   A   -
campaign.edit                  -   A   R   T   -   -   -   -   -
campaign.attribute             -   A   R   T   -   -   T   -   -
campaign_cost.view             -   A   R   T   -   -   -   -   -
campaign_cost.record           -   A   R   T   -   -   -   -   -
scorecard.view                 A   A   A   A   A   A   A   A   -
scorecard.edit                 A   A   -   -   -   -   -   -   -
work_item.view                 -   A   R   T   O   -   -   -   -
work_item.plan                 -   A   R   T   -   -   -   -   -
work_item.report               -   A   R   T   O   -   -   -   -
inspection_item.view           A   A   A   A   A   A   A   A   -
inspection_item.edit           A   -   -   -   -   -   -   -   -
inspection.view                -   A   R   T   O   -   -   -   -
inspection.record              -   -   -   T   -   -   -   -   -
decision.view                  A   A   R   T   O   -   -   -   -
audit.view                     A   A   -   -   -   -   -   -   -
rulebook.view                  A   A   A   A   A   A   -   -   -
rulebook.review                A   A   -   -   -   A   -   -   -
rulebook.draft                 A   A   -   -   -   A   -   -   -
rulebook.publish               A   A   -   -   -   -   -   -   -
task.view                      O   A   R   T   O   A   O   O   O
task.assign                    -   A   R   T   -   A   -   -   -
task.complete                  O   O   O   O   O   O   O   O   O
"""

# What every employee has, whatever else he does; further roles are measured on top of it.
EMPLOYEE = {
    "tenant.view": "A",
    "inspection_item.view": "A",
    "metric.view": "A",
    "opportunity_stage.view": "A",
    "campaign.view": "A",
    "scorecard.view": "A",
    "target_plan.view": "A",
    "org_unit.view": "A",
    "territory.view": "A",
    "territory_model.view": "O",
    "site.view": "A",
    "member.view": "T",
    "assignment.view": "O",
    "delegation.view": "O",
    "leave.view": "O",
    "task.view": "O",
    "task.complete": "O",
}
DESK = {
    "shift.view": "T",
    "reception_queue.view": "T",
    "reception_queue.sign_in": "T",
    "reception_queue.sign_out": "T",
    "reception_queue.go_away": "T",
    "reception_queue.come_back": "T",
    "reception_queue.take_day_off": "T",
    "visit.view": "T",
    "visit.record": "T",
    "visit.name": "T",
    "visit.expose": "T",
    "visit.close": "T",
    "visit.note_stage": "T",
    "call.view": "T",
    "call.record": "T",
    "campaign.attribute": "T",
    "party.view": "A",
    "party.view.phone": "A",
    "party.reveal_phone": "A",
    "party.create": "T",
    "party.edit": "T",
    "party.link": "T",
}
PARTNERS = {"rulebook.view": "A", "party.view": "T", "visit.view": "T"}
BRINGS_CUSTOMERS = {"party.view": "O", "party.create": "O"}
DEALS_OF_THE_TEAM = {"deal.view": "T"}

# The further roles of each industry (industries pages 3.1 to 3.3).
FURTHER: dict[str, dict[str, dict[str, str]]] = {
    "property-developer": {
        "employee": EMPLOYEE,
        "desk-clerk": {**EMPLOYEE, **DESK},
        "contract-clerk": {
            **EMPLOYEE,
            "deal.view": "A",
            "deal.record": "A",
            "deal.contract": "A",
            "deal.cancel": "A",
            "contract.view": "A",
            "target.view_total": "A",
        },
        "channel-manager": {**EMPLOYEE, **PARTNERS},
        "field-promoter": {**EMPLOYEE, **BRINGS_CUSTOMERS},
        "referrer": {"tenant.view": "A", "site.view": "A", **BRINGS_CUSTOMERS},
        "planner": {
            **EMPLOYEE,
            "rulebook.view": "A",
            "campaign.edit": "T",
            "campaign.attribute": "T",
            "campaign_cost.view": "T",
            "campaign_cost.record": "T",
        },
    },
    "car-dealer": {
        "employee": EMPLOYEE,
        "general-manager": {},  # as the director: see the test below
        "invitation-officer": {
            **EMPLOYEE,
            "rulebook.view": "A",
            "call.view": "T",
            "call.record": "T",
            "party.view": "T",
            "party.view.phone": "T",
            "party.reveal_phone": "T",
            "party.create": "T",
        },
        "test-drive-officer": {**EMPLOYEE, "visit.view": "T"},
        "stock-officer": {**EMPLOYEE, **DEALS_OF_THE_TEAM},
        "finance-insurance-officer": {**EMPLOYEE, **DEALS_OF_THE_TEAM},
        "delivery-officer": {**EMPLOYEE, **DEALS_OF_THE_TEAM},
        "care-officer": {
            **EMPLOYEE,
            "party.view": "A",
            "party.reveal_phone": "A",
            "call.view": "O",
            "call.record": "O",
        },
        "manufacturer-manager": {
            "tenant.view": "A",
            "org_unit.view": "R",
            "site.view": "R",
            "metric.view": "A",
            "target_plan.view": "A",
            "target.view": "R",
            "deal.view": "R",
        },
    },
    "medical-device-distributor": {
        "employee": EMPLOYEE,
        "clinical-specialist": EMPLOYEE,
        "distributor-manager": {**EMPLOYEE, **PARTNERS},
        "tender-officer": EMPLOYEE,
        "quality-officer": EMPLOYEE,
        "service-engineer": EMPLOYEE,
    },
}

TENANT_ACTIONS = [key for key, action in ACTIONS.items() if Domain.TENANT in action.domains]


def the_table() -> dict[str, dict[str, str]]:
    """Return role -> action -> letter as the table above has it."""
    _, *lines = STANDARD.strip().splitlines()
    by_role: dict[str, dict[str, str]] = {role: {} for role in STANDARD_ROLES}
    for line in lines:
        action, *letters = line.split()
        for role, letter in zip(STANDARD_ROLES, letters, strict=True):
            if letter != "-":
                by_role[role][action] = letter
    return by_role


def expected_of(template: str) -> dict[str, dict[str, str]]:
    standard = the_table()
    further = dict(FURTHER[template])
    if "general-manager" in further:
        further["general-manager"] = standard["director"]
    return {**standard, **further}


CASES = [(code, role) for code in template_codes() for role in sorted(expected_of(code))]


@pytest.fixture(scope="module", params=template_codes())
def tenant(request: pytest.FixtureRequest) -> CompiledTenant:
    return shipped(load_template(request.param))


def test_the_table_speaks_of_every_action_of_a_tenant() -> None:
    _, *lines = STANDARD.strip().splitlines()

    assert sorted(line.split()[0] for line in lines) == sorted(TENANT_ACTIONS)


@pytest.mark.parametrize("code", template_codes())
def test_every_shipped_role_has_its_line_here(code: str) -> None:
    assert set(load_template(code).roles) == set(expected_of(code))


@pytest.mark.parametrize(("code", "role"), CASES)
def test_a_role_reaches_exactly_the_records_of_its_scope(code: str, role: str) -> None:
    tenant = shipped(load_template(code))
    expected = expected_of(code)[role]

    for action in TENANT_ACTIONS:
        letter = expected.get(action)
        reach = REACHES[SCOPE_OF_LETTER[letter]] if letter else 0
        for place, (where, record) in enumerate(RECORDS.items()):
            verdict = tenant.check(me(role), action, record)
            assert verdict.allowed is (place < reach), (
                f"{role} {action} on a record that is {where}"
            )


@pytest.mark.parametrize(("code", "role"), CASES)
def test_a_role_of_another_tenant_reaches_nothing(code: str, role: str) -> None:
    tenant = shipped(load_template(code))
    foreigner = me(role, OTHER_TENANT)

    allowed = [
        action
        for action in TENANT_ACTIONS
        for record in (None, *RECORDS.values())
        if tenant.check(foreigner, action, record).allowed
    ]

    assert allowed == []


@pytest.mark.parametrize("action", ["rulebook.publish", "leave.record"])
def test_nobody_decides_on_what_he_asked_for_himself(tenant: CompiledTenant, action: str) -> None:
    asked_by_me = Record(COLLEAGUE, MY_TEAM, MY_REGION, requester_id=ME)
    asked_by_another = Record(COLLEAGUE, MY_TEAM, MY_REGION, requester_id=COLLEAGUE)

    assert not tenant.check(me("director"), action, asked_by_me).allowed
    assert tenant.check(me("director"), action, asked_by_another).allowed


def test_a_clerk_reads_no_register_at_all(tenant: CompiledTenant) -> None:
    """TR-10: own for the representative, the team's for the manager, none for the clerk."""
    assert not tenant.holds(me("clerk"), "register.view")
    assert not tenant.holds(me("finance-clerk"), "register.view")
    assert not tenant.holds(me("assistant"), "register.view")
