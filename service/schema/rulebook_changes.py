"""What differs between two texts of the rulebook, in words."""

from enum import Enum
from typing import Annotated

import strawberry

from service.policies.rulebooks.parts import Document
from service.rulebooks import queries
from service.rulebooks.in_turn import in_turn
from service.rulebooks.looked_over import readable
from service.rulebooks.queries import FoundChange, Stored, TextNamed
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.mutation import given, optional
from service.schema.planner.mapping import mapping_of
from service.schema.scalars import NO_ROW, found_id


@strawberry.enum(description="What differs. Values are added.")
class RulebookChangeKind(Enum):
    HEADER = strawberry.enum_value("HEADER", description="A part of the header.")
    PARAMETER = strawberry.enum_value("PARAMETER", description="A parameter's value.")
    PARAMETER_ADDED = strawberry.enum_value("PARAMETER_ADDED", description="A new parameter.")
    PARAMETER_REMOVED = strawberry.enum_value(
        "PARAMETER_REMOVED", description="A parameter that is gone."
    )
    PARAMETER_RANGE = strawberry.enum_value(
        "PARAMETER_RANGE", description="What a parameter may be."
    )
    PARAMETER_SOURCE = strawberry.enum_value(
        "PARAMETER_SOURCE", description="The clause a parameter comes from."
    )
    ROTATION = strawberry.enum_value("ROTATION", description="A term of the rotation.")
    DECISION_ADDED = strawberry.enum_value("DECISION_ADDED", description="A new decision.")
    DECISION_REMOVED = strawberry.enum_value(
        "DECISION_REMOVED", description="A decision that is gone."
    )
    RULE_ADDED = strawberry.enum_value("RULE_ADDED", description="A new rule.")
    RULE_REMOVED = strawberry.enum_value("RULE_REMOVED", description="A rule that is gone.")
    RULE_MOVED = strawberry.enum_value(
        "RULE_MOVED", description="A rule asked at another place among the others."
    )
    RULE_ASKS = strawberry.enum_value("RULE_ASKS", description="A condition a rule has more.")
    RULE_ASKS_NO_MORE = strawberry.enum_value(
        "RULE_ASKS_NO_MORE", description="A condition a rule has no longer."
    )
    RULE_DECIDES = strawberry.enum_value("RULE_DECIDES", description="What a rule decides.")
    RULE_SAYS = strawberry.enum_value("RULE_SAYS", description="What a rule tells people.")
    RULE_SOURCE = strawberry.enum_value("RULE_SOURCE", description="The clause a rule comes from.")
    TESTS = strawberry.enum_value("TESTS", description="The text's own tests.")


@strawberry.type(description="One thing that differs between two texts of the rulebook.")
class RulebookChange:
    kind: RulebookChangeKind = strawberry.field(description="What differs.")
    name: str = strawberry.field(
        description="The rule, parameter, decision or part of the header, like `RR-4`."
    )
    decision: str | None = strawberry.field(
        description="The decision it is in, like `reception`; null for what is of none."
    )
    part: str | None = strawberry.field(description="Which part of what a rule decides; else null.")
    before: str | None = strawberry.field(
        description="As the earlier text writes it; null where it has nothing. Of a rule that"
        " moved, the rule it stood behind, empty where it was the first; of tests, how many went."
    )
    after: str | None = strawberry.field(
        description="As the later text writes it, likewise; of tests, how many came."
    )
    unit: str | None = strawberry.field(description="What a number counts, like `days`.")
    sentence: str = strawberry.field(description="For people, in the caller's language.")


@strawberry.type(description="Two texts of the rulebook, side by side.")
class RulebookComparison:
    changes: list[RulebookChange] = strawberry.field(
        description="What differs: header, parameters by name, then decision by decision. Empty:"
        " they say the same."
    )


@strawberry.input(one_of=True, description="A text of the rulebook, by where it stands.")
class RulebookTextReference:
    version_id: strawberry.ID | None = optional("A published version.")
    draft_id: strawberry.ID | None = optional("A draft that can be read.")


def shown(found: FoundChange) -> RulebookChange:
    """Show one difference."""
    one = found.difference
    return RulebookChange(
        kind=RulebookChangeKind(one.kind),
        name=one.name,
        decision=one.decision,
        part=one.part,
        before=one.before,
        after=one.after,
        unit=one.unit,
        sentence=found.sentence,
    )


async def compared(
    before: Document | None, after: Document | None, locale: str
) -> RulebookComparison | None:
    """Show what differs between two texts; None where one of them is not there."""
    if before is None or after is None:
        return None
    found = await in_turn(queries.changes, before, after, locale)
    return RulebookComparison(changes=[shown(one) for one in found])


async def against_in_force(
    stored: Stored | None, text: str, locale: str
) -> RulebookComparison | None:
    """Show what a draft's text changes of what is in force where it is meant for."""
    if stored is None:
        return None
    before = queries.document_of(stored.document, stored.overrides)
    return await compared(before, await in_turn(readable, text), locale)


async def _named(info: Info, reference: RulebookTextReference) -> TextNamed | None:
    """Return the text a reference names, if the caller may see it."""
    reader = await info.context.reader()
    for sent, kind in (
        (given(reference.version_id), "RulebookVersion"),
        (given(reference.draft_id), "RulebookDraft"),
    ):
        if sent is None:
            continue
        mapping = mapping_of(kind)
        row = found_id(str(sent), mapping.kind) or NO_ROW
        if await reader.one(mapping, row) is None:
            return None
        return TextNamed(version_id=row) if kind == "RulebookVersion" else TextNamed(draft_id=row)
    return None


_BEFORE = strawberry.argument(description="The earlier text.")
_AFTER = strawberry.argument(description="The later text.")


@strawberry.type
class RulebookChangesQuery:
    @strawberry.field(
        description="What differs between two texts of the rulebook, versions or drafts. Null where"
        " one of them is not in sight or cannot be read.",
        metadata=costs(AGGREGATE),
    )
    async def rulebook_comparison(
        self,
        info: Info,
        before: Annotated[RulebookTextReference, _BEFORE],
        after: Annotated[RulebookTextReference, _AFTER],
    ) -> RulebookComparison | None:
        named = [await _named(info, one) for one in (before, after)]
        known = [one for one in named if one is not None]
        if len(known) < len(named):
            return None
        reader = await info.context.reader()
        earlier, later = await reader.within(lambda sight: queries.texts_of(sight, known))
        return await compared(earlier, later, info.context.locale)
