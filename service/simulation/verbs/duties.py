"""The verb that asks whether a duty allows something, on a record in some relation to him."""

from collections.abc import Mapping
from uuid import UUID

from service.clock import new_id
from service.policies.access import Record
from service.policies.access.vocabulary import ACTIONS
from service.simulation.showroom import MANAGER, Showroom
from service.simulation.stories import Step, Unsupported
from service.simulation.verbs.verb import Answers, Verb, blank
from service.work import Sight

_WHO: Mapping[str, str] = {
    "rep": "An",
    "manager": MANAGER,
    "regional": "Region",
    # Who books payments; the showroom's own clerk keeps contracts and takes no money.
    "clerk": "Fin",
    "finance": "Fin",
    "desk": "Desk",
}
_ACTIONS: Mapping[str, str] = {"read": "view"}


async def can(showroom: Showroom, step: Step) -> Answers:
    """Ask the policy of a member of that role."""
    role, object_ = step.option("role"), step.option("obj")
    if role not in _WHO:
        raise Unsupported(f"can role={role}")
    if object_ not in {action.object for action in ACTIONS.values()}:
        raise Unsupported(f"can obj={object_}")
    action = f"{object_}.{_ACTIONS.get(step.option('act'), step.option('act'))}"
    if action not in ACTIONS:
        # What no duty can name, no duty gives.
        return {"res": "deny"}
    record = _record(showroom, showroom.member(_WHO[role]), step.option("scope"))

    async def ask(sight: Sight) -> bool:
        return sight.policy.check(sight.actor, action, record).allowed

    allowed = await showroom.seen(showroom.caller(_WHO[role]), ask)
    return {"res": "allow" if allowed else "deny"}


def _record(showroom: Showroom, member_id: UUID, scope: str) -> Record:
    """Return a record that lies just inside a scope of the member's, and in no narrower one."""
    unit, territory = showroom.place.org_unit_id, showroom.place.territory_id
    somebody, elsewhere = new_id(), new_id()
    records = {
        "own": Record(member_id, unit, territory),
        "team": Record(somebody, unit, territory),
        "territory": Record(somebody, elsewhere, territory),
        "tenant": Record(somebody, elsewhere, elsewhere),
    }
    if scope not in records:
        raise Unsupported(f"can scope={scope}")
    return records[scope]


VERBS = {"can": Verb(can, blank("res"))}
