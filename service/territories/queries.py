"""What is to be looked at in a territory model, read as one who may see it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.organisation.territory_tree import announced
from service.policies.access import Record
from service.policies.rulebooks.vocabulary.kinds import written
from service.territories import belonging
from service.territories.rules.membership import words_of
from service.work import Sight

_MODEL: Final = f"""
SELECT m.created_by, {announced("m.id")} AS announced
FROM app.territory_model m WHERE m.tenant_id = $1 AND m.id = $2
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """Something to be looked at, by the territories' codes.

    Attributes:
        witness: what is known of a customer who shows it, trait by trait.
    """

    kind: str
    territory: str | None
    other: str | None
    witness: tuple[tuple[str, str], ...]
    message: str | None


async def findings_of(sight: Sight, model_id: UUID) -> list[Shown]:
    """Check the conditions of a model; nothing is found in one out of the caller's sight."""
    # Diagrams of conditions are wanted here alone: a server that is not asked does without.
    from service.territories.rules.findings import findings  # noqa: PLC0415 - see above

    model = await sight.fetch_one(_MODEL, sight.tenant_id, model_id)
    if model is None:
        return []
    record = Record(owner_id=model["created_by"])
    seen = sight.policy.check(sight.actor, "territory_model.view", record).allowed
    if not (seen or model["announced"]):
        return []
    places = await belonging.places_of(sight, model_id, sight.now)
    codes = {place.territory_id: place.code for place in places}
    known = await belonging.traits(sight)
    found = findings(places, words_of(trait for _, trait in known.values()))
    return [
        Shown(
            kind=str(one.kind),
            territory=None if one.territory_id is None else codes[one.territory_id],
            other=None if one.other_id is None else codes[one.other_id],
            witness=tuple((name, written(value)) for name, value in sorted(one.witness.items())),
            message=one.message,
        )
        for one in found
    ]
