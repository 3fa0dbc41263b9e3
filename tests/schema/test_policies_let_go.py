"""Who is known no more is not kept for what he asked: all made of his duties goes with him."""

import gc

from builders.api import Desk
from builders.happenings import NAMES

from service.policies.access import CompiledTenant

SITES = "{ sites(first: 5) { nodes { id code } } }"


def kept(desk: Desk) -> int:
    """Count the policies of the company that are in memory."""
    gc.collect()
    tenant_id = desk.showroom.tenant.id
    found = (one for one in gc.get_objects() if type(one) is CompiledTenant)
    return sum(one.tenant_id == tenant_id for one in found)


async def test_a_policy_that_was_changed_is_let_go_whoever_asked_by_it(desk: Desk) -> None:
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    tree = await desk.ask("Lin", "{ orgUnitTree { orgUnit { id } } }")
    top = tree["orgUnitTree"][0]["orgUnit"]["id"]
    counts = []
    for number in range(9):
        await desk.does(
            "Ada", "createOrgUnit", "orgUnit { id code }",
            code=f"unit-{number}", kind="team", names=NAMES, parentId=top,
        )  # fmt: skip
        await desk.ask("Ada", SITES)
        counts.append(kept(desk))

    # The newest, what it shares with others like it, and what somebody may still be answered by.
    assert counts[-1] == counts[2] <= 3


async def test_a_rulebook_of_a_name_that_cannot_be_written_is_none(desk: Desk) -> None:
    document = "query($policy: String!) { rulebookInForce(policy: $policy) { id } }"
    assert (await desk.ask("Lin", document, policy="show\0room"))["rulebookInForce"] is None
