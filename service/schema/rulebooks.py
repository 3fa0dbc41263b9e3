"""Versions of the tenant's rulebook: the text itself, its parameters and rules, and a check."""

import asyncio
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import strawberry

from service.policies.access import RecordColumns
from service.policies.rulebooks.vocabulary.kinds import ParameterValue
from service.rulebooks import queries, tables
from service.rulebooks.queries import ReadParameter, ReadRule, Stored
from service.rulebooks.tables import RulebookState
from service.schema.connections import Connection, OrderDirection, SortKey
from service.schema.context import Info
from service.schema.costs import reference
from service.schema.filters import DateTimeFilter, IdFilter, every, none_of, on, on_id, some
from service.schema.listing import listing
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_one,
)
from service.schema.reading import one
from service.schema.rulebook_checks import RulebookCheck, checked
from service.schema.rulebook_words import (
    RulebookValueKind,
    RulebookVocabulary,
    kind_of,
    vocabularies,
    vocabulary,
)

if TYPE_CHECKING:
    from service.schema.reception.types import Site

described(
    RulebookState,
    "Where a version is in its life. Values are added.",
    DRAFT="Being written; it decides nothing.",
    PUBLISHED="Decides what happens from `effectiveFrom` until the next one's.",
    RETIRED="Decides nothing any more; what it decided stays.",
)


@strawberry.type(description="A parameter of a version, with the value that decides.")
class RulebookParameter:
    name: str = strawberry.field(description="Its name, like `tracking.days`.")
    kind: RulebookValueKind = strawberry.field(
        description="Which part of `ParameterValueInput` sets it."
    )
    value: str = strawberry.field(
        description="The value that decides; words of a set are separated by commas."
    )
    words: list[str] = strawberry.field(description="The value of a set of words, one by one.")
    document_value: str = strawberry.field(description="The value `text` gives it.")
    overridden: bool = strawberry.field(
        description="Whether the version sets it otherwise than `text`: whoever publishes `text`"
        " again and wants to keep the value sends it in `overrides`."
    )
    min: int | None = strawberry.field(description="The least it may be, if it is a number.")
    max: int | None = strawberry.field(description="The most it may be, if it is a number.")
    unit: str | None = strawberry.field(description="What a number counts, like `days`.")
    source: str = strawberry.field(description="The clause it comes from.")
    allowed: list[str] = strawberry.field(
        description="The words to choose from; empty where it is a number."
    )


@strawberry.type(description="One part of what a rule decides.")
class RulebookOutcome:
    name: str = strawberry.field(description="Which part, like `receiver`.")
    value: str = strawberry.field(description="A word, a number or `params.` and a parameter.")


@strawberry.type(description="One rule of a version; in a decision the first that fits decides.")
class RulebookRule:
    decision: str = strawberry.field(description="The decision it belongs to, like `reception`.")
    id: str = strawberry.field(description="Its number, like `RR-4`; no id of a record.")
    clause: str = strawberry.field(description="The clause it comes from, like 五(五)4.")
    says: str = strawberry.field(
        description="What it tells people, in the caller's language; names stand between braces."
    )
    when: list[str] = strawberry.field(
        description="The conditions, all of which must hold; none: it always fits."
    )
    then: list[RulebookOutcome] = strawberry.field(description="What it decides.")
    otherwise: bool = strawberry.field(description="It decides where no other of them fits.")


def _stored_without(names: str) -> str:
    """Write a version as its parts are worked out from: of its document only what they need."""
    left = f"t.document - '{{{names}}}'::text[]"
    return f"json_build_object('document', {left}, 'overrides', t.overrides)"


# Some milliseconds of arithmetic each: other requests go on meanwhile.
async def _finish_text(_finishing: object, raw: Any, _arguments: object) -> str:  # noqa: ANN401 - JSON
    return await asyncio.to_thread(queries.text_of, raw)


async def _finish_parameters(
    _finishing: object,
    raw: Any,  # noqa: ANN401 - JSON
    _arguments: object,
) -> list[RulebookParameter]:
    return await asyncio.to_thread(_parameters, Stored(**raw))


async def _finish_rules(
    finishing: Finishing,
    raw: Any,  # noqa: ANN401 - JSON
    _arguments: object,
) -> list[RulebookRule]:
    return await asyncio.to_thread(_rules, Stored(**raw), finishing.locale)


# By the clock its window is kept by: its site's, or the company's.
_STANDING: Final = """
CASE WHEN t.state <> 'PUBLISHED' THEN 'CANCELLED'
     WHEN t.effective_until <= t.effective_from OR t.effective_until <= {now} THEN 'SUPERSEDED'
     WHEN t.effective_from > {now} THEN 'SCHEDULED' ELSE 'IN_FORCE' END
"""
_BEFORE_IT_BEGINS: Final = f"({_STANDING}) = 'SCHEDULED'"
_ENDS: Final = (
    "t.state = 'PUBLISHED' AND t.site_id IS NOT NULL AND NOT {me} = ANY(t.author_ids)"
    " AND (t.effective_until IS NULL OR t.effective_until > {now})"
)


@strawberry.enum(description="Where a version is in its life now. Values are added.")
class RulebookStanding(Enum):
    SCHEDULED = strawberry.enum_value("SCHEDULED", description="It has not begun.")
    IN_FORCE = strawberry.enum_value("IN_FORCE", description="It decides.")
    SUPERSEDED = strawberry.enum_value(
        "SUPERSEDED", description="Another followed it, or it was ended."
    )
    CANCELLED = strawberry.enum_value(
        "CANCELLED", description="It was taken back before it had begun."
    )


@strawberry.enum(description="What may be done with a version. Values are added.")
class RulebookVersionAction(Enum):
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelRulebookVersion`.")
    END = strawberry.enum_value("END", description="`endSiteRulebook`.")


@planned(tables.RulebookVersion, action="rulebook.view", scope=RecordColumns())
@strawberry.type(description="One version of a rulebook; once published it never changes.")
class RulebookVersion(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    policy: str = column("policy", "Which rulebook, like `showroom`.")
    number: int = column("number", "Counts the versions of this rulebook.")
    state: RulebookState = column("state", "Where it is in its life.")
    standing: RulebookStanding = sql(
        _STANDING, "Where it is in its life now, by its site's clock or the company's."
    )
    site: Annotated["Site", strawberry.lazy("service.schema.reception.types")] | None = to_one(
        "site_id", "Site", "The one site it is for; null: the whole company."
    )
    effective_on: date | None = column(
        "effective_on",
        "The local day it begins with, at each site's midnight; null where it began at an instant.",
    )
    effective_from: datetime | None = column(
        "effective_from", "First instant it decides, by its site's clock or the company's."
    )
    effective_until: datetime | None = column(
        "effective_until", "First instant it does not, likewise; null while nothing follows."
    )
    running: str = sql(
        "coalesce(t.document->>'running', 'keep')",
        "What becomes of periods that run when it begins: `keep` or `switch`.",
    )
    author_names: list[str] = sql(
        "ARRAY(SELECT m.name FROM app.member m WHERE m.tenant_id = $1"
        " AND m.id = ANY(t.author_ids) ORDER BY m.staff_code)",
        "Who wrote it; none of them approved it.",
    )
    unsimulated_reason: str | None = column(
        "unsimulated_reason", "Why it was put in force without a simulation."
    )
    allowed_actions: list[RulebookVersionAction] = allowed_actions(
        "Commands the caller could issue now.",
        CANCEL=Possible("rulebook.publish", _BEFORE_IT_BEGINS),
        END=Possible("rulebook.publish", _ENDS),
    )
    published_by: Member | None = to_one("published_by", "Member", "Who published it.")
    created_at: datetime = column("created_at", "When it was written.")

    @strawberry.field(
        description="The whole document as YAML. `publishRulebook` takes it back as it is; values"
        " that only this version overrides are in `parameters`.",
        metadata={PLANNED: Finished("t.document", _finish_text)},
    )
    async def text(self, info: Info) -> str:
        return await asyncio.to_thread(queries.text_of, (await _stored(self, info)).document)

    @strawberry.field(
        description="Every parameter, by name.",
        metadata={PLANNED: Finished(_stored_without("tests,decisions"), _finish_parameters)},
    )
    async def parameters(self, info: Info) -> list[RulebookParameter]:
        return await asyncio.to_thread(_parameters, await _stored(self, info))

    @strawberry.field(
        description="Every rule, decision by decision, in the order they are asked.",
        metadata={PLANNED: Finished(_stored_without("tests"), _finish_rules)},
    )
    async def rules(self, info: Info) -> list[RulebookRule]:
        stored = await _stored(self, info)
        return await asyncio.to_thread(_rules, stored, info.context.locale)


_VERSIONS = orders_of(
    "RulebookVersion",
    "versions",
    {
        "EFFECTIVE_FROM": (
            SortKey("t.effective_from", "timestamptz", nullable=True),
            "By when they begin.",
        )
    },
    "EFFECTIVE_FROM",
    direction=OrderDirection.DESC,
)


@strawberry.input(description="Which versions.")
class RulebookVersionFilter:
    and_: list["RulebookVersionFilter"] | None = every()
    or_: list["RulebookVersionFilter"] | None = some()
    not_: "RulebookVersionFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "rulebook_version", "By id.")
    effective_from: DateTimeFilter | None = on(
        "t.effective_from", "timestamptz", "By when they begin."
    )


_TEXT = strawberry.argument(description="The whole document as YAML, at most 262,144 characters.")


async def _finish_vocabulary(
    finishing: Finishing, _raw: object, _arguments: object
) -> RulebookVocabulary:
    return vocabulary(finishing.locale)


async def _finish_vocabularies(
    finishing: Finishing, _raw: object, _arguments: object
) -> list[RulebookVocabulary]:
    return vocabularies(finishing.locale)


@strawberry.type
class RulebooksQuery:
    rulebook_version: RulebookVersion | None = one(
        RulebookVersion, "One version; null when there is none in sight."
    )
    rulebook_versions: Connection[RulebookVersion] = listing(
        RulebookVersion,
        _VERSIONS,
        "The versions of the rulebook, latest first.",
        filter=RulebookVersionFilter,
    )

    @reference
    @strawberry.field(
        description="What a rulebook may speak of: its decisions, their facts and outcomes, in the"
        " caller's language. The same for every tenant.",
        metadata={PLANNED: Finished("'true'::json", _finish_vocabulary)},
    )
    async def rulebook_vocabulary(self, info: Info) -> RulebookVocabulary:
        await info.context.reader()
        return vocabulary(info.context.locale)

    @reference
    @strawberry.field(
        description="What the rulebooks of every policy may speak of, for an editor: decisions,"
        " facts, outcomes, parameters, operators, in the caller's language. The same for every"
        " tenant.",
        metadata={PLANNED: Finished("'true'::json", _finish_vocabularies)},
    )
    async def rulebook_vocabularies(self, info: Info) -> list[RulebookVocabulary]:
        await info.context.reader()
        return vocabularies(info.context.locale)

    @strawberry.field(
        description="Looks a text over as `publishRulebook` would, its own tests included, and"
        " publishes nothing. Action `rulebook.draft` or `rulebook.publish`."
    )
    async def check_rulebook(self, info: Info, text: Annotated[str, _TEXT]) -> RulebookCheck:
        reader = await info.context.reader()
        return checked(await reader.within(lambda sight: queries.looked_over(sight, text)))


async def _stored(version: RulebookVersion, info: Info) -> Stored:
    reader = await info.context.reader()

    async def load(versions: list[UUID]) -> list[Stored]:
        found = await reader.within(lambda sight: queries.stored(sight, versions))
        return [found[one] for one in versions]

    row: UUID = version.__dict__["row_key"]
    read: Stored = await reader.loader(Stored, load).load(UUID(bytes=row.bytes))
    return read


def _parameters(stored: Stored) -> list[RulebookParameter]:
    return [_parameter(one) for one in queries.parameters_of(stored)]


def _rules(stored: Stored, locale: str) -> list[RulebookRule]:
    return [_rule(one) for one in queries.rules_of(stored, locale)]


def _parameter(read: ReadParameter) -> RulebookParameter:
    least, most = read.bounds
    return RulebookParameter(
        name=read.name,
        kind=kind_of(read.kind),
        value=_shown(read.value),
        words=list(read.value) if isinstance(read.value, tuple) else [],
        document_value=_shown(read.own),
        overridden=read.value != read.own,
        min=least,
        max=most,
        unit=read.unit,
        source=read.source,
        allowed=list(read.allowed),
    )


def _shown(value: ParameterValue | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _rule(read: ReadRule) -> RulebookRule:
    return RulebookRule(
        decision=read.decision,
        id=read.id,
        clause=read.clause,
        says=read.says,
        when=list(read.when),
        then=[RulebookOutcome(name=name, value=value) for name, value in read.then.items()],
        otherwise=read.otherwise,
    )
