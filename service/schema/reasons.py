"""Why something was decided, in the rulebook's own sentence."""

from collections.abc import Mapping
from typing import Final, cast
from uuid import UUID

from service.policies.rulebooks.vocabulary.kinds import Locale
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.rulebooks.in_force import InForce, version
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import mapping_of
from service.work import Sight

# Stands for somebody the caller may not see: the sentence stays true, the name stays hidden.
HIDDEN: Final = "…"


async def sentence_of(reader: Reader, version_id: UUID, rule: str, named: Mapping[str, str]) -> str:
    """Return a rule's sentence in the reader's language, with the names the caller may see."""

    async def load(sight: Sight) -> InForce:
        return await version(sight, version_id)

    known = await reader.within(load)
    names = {word: await shown_name(reader, UUID(row)) for word, row in named.items()}
    return known.rulebook.says(rule, cast(Locale, reader.locale), names)


async def shown_name(reader: Reader, row: UUID) -> str:
    """Return the name of a member or a party as the caller may see it."""
    member = await reader.one(mapping_of("Member"), row)
    if member is not None:
        return str(member.__dict__["shown_name"])
    party = await reader.one(mapping_of("Party"), row)
    return str(party.__dict__["shown_name"] or HIDDEN) if party is not None else HIDDEN


def fact_label(name: str, locale: str) -> str:
    """Return what a fact of a decision means; its name where the rulebook has no such fact."""
    for decision in SHOWROOM.decisions.values():
        fact = decision.fact(name)
        if fact is not None:
            return fact.label.text(cast(Locale, locale))
    return name
