"""Simulations of a rulebook over a past period: asked for, followed, read, called off."""

from datetime import date, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

import strawberry

from service.policies.access import RecordColumns
from service.rulebooks.tables import RulebookSimulation as SimulationTable
from service.rulebooks.tables import SimulationKind, SimulationState
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.filters import (
    Filter,
    IdFilter,
    every,
    none_of,
    on,
    on_id,
    some,
)
from service.schema.listing import listing
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.types import Member
from service.schema.ownership.types import Deal
from service.schema.planner.fallback import Reader
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Declared,
    Finished,
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import Site, Visit
from service.schema.rulebook_drafts import RulebookDraft
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import row_id
from service.simulation import tables
from service.simulation.periods import commands
from service.simulation.tables import SimulatedSubject, TallyOf

described(
    SimulationKind,
    "How a past period is decided again. Values are added.",
    STATELESS="The stored facts of each decision; nothing feeds back, so it is a lower bound.",
    STATEFUL="The events, so that queues, busy states and ownership follow from each change.",
)
described(
    SimulationState,
    "Where a simulation is. Values are added.",
    QUEUED="Waits for those before it; one of a company runs at a time.",
    RUNNING="Being gone through.",
    DONE="Came to its end; what it showed is kept.",
    CANCELLED="Called off; nothing of it is kept.",
    FAILED="Could not be run; `failure` says why.",
)
described(
    SimulatedSubject,
    "What a case is about. Values are added.",
    VISIT="Who received a visitor, and whose customer he became.",
    DEAL="Whose result a deal was.",
)
described(
    TallyOf,
    "What sums are made for. Values are added.",
    MEMBER="A rep.",
    SITE="A site.",
    RULE="A rule of the text in force then, or of the one tried.",
)

_SIGHT: Final = "rulebook.review"


def _total(path: str, description: str) -> Declared:
    """Map a number of the totals, null until the simulation is done."""
    steps = ",".join(path.split("."))
    return sql(f"(t.summary #>> '{{{steps}}}')::int", description)


def _shares(column_name: str, description: str) -> Declared:
    return sql(
        f"ARRAY(SELECT coalesce((SELECT m.name FROM app.member m WHERE m.tenant_id = $1"
        f" AND m.id = (x.s ->> 'member_id')::uuid), x.s ->> 'holder') || ' '"
        f" || ((x.s ->> 'basis_points')::int / 100.0)::float::text || ' %'"
        f" FROM jsonb_array_elements(t.{column_name}) WITH ORDINALITY AS x(s, place)"
        " ORDER BY x.place)",
        description,
    )


@planned(tables.SimulationTally, action=_SIGHT, scope=RecordColumns())
@strawberry.type(description="Sums of a simulation for one rep, one site or one rule.")
class SimulationTally(Node):
    id: strawberry.ID = key(ID)
    of: TallyOf = column("tally_of", "What they are made for.")
    member: Member | None = to_one("member_id", "Member", "The rep, where it is one.")
    site: Site | None = to_one("site_id", "Site", "The site, where it is one.")
    rule: str | None = column("rule", "The rule's number, where it is one.")
    visits_before_count: int = sql("t.visits_before", "Visits received or decided, as it was.")
    visits_after_count: int = sql("t.visits_after", "The same under the text.")
    turns_before_count: int = sql("t.turns_before", "Turns used, as it was.")
    turns_after_count: int = sql("t.turns_after", "The same under the text.")
    credit_before_basis_points: int = sql(
        "t.credit_before::int",
        "What reps got of deals, as it was; 10,000 is one whole deal. What the company keeps is in"
        " no sum.",
    )
    credit_after_basis_points: int = sql("t.credit_after::int", "The same under the text.")
    receiver_changed_count: int = sql(
        "t.receiver_changed", "How many of the visits somebody else would receive."
    )
    owner_changed_count: int = sql("t.owner_changed", "How many would be somebody else's.")
    credit_changed_count: int = sql(
        "t.credit_changed",
        "How many deals would be credited else; of a rep those in which his own share changes.",
    )


@planned(tables.SimulationCase, action=_SIGHT, scope=RecordColumns())
@strawberry.type(description="A visit or a deal that comes out otherwise under a simulated text.")
class SimulationCase(Node):
    id: strawberry.ID = key(ID)
    position: int = column("position", "Its place in the order of what happened, from 1.")
    subject: SimulatedSubject = column("subject", "What it is about.")
    site: Site | None = to_one("site_id", "Site", "Where.")
    visit: Visit | None = to_one("visit_id", "Visit", "The visit, where it is one.")
    deal: Deal | None = to_one("deal_id", "Deal", "The deal, where it is one.")
    happened_at: datetime = column("happened_at", "When the visitor came or the deal was signed.")
    receiver_changed: bool = column("receiver_changed", "Somebody else would receive him.")
    owner_changed: bool = column("owner_changed", "He would be somebody else's customer.")
    credit_changed: bool = column("credit_changed", "The deal would be credited otherwise.")
    rule_before: str = column("rule_before", "The rule that decided, as it was.")
    rule_after: str = column("rule_after", "The rule of the text that would decide.")
    receiver_before: Member | None = to_one("receiver_before_id", "Member", "Who received him.")
    receiver_after: Member | None = to_one(
        "receiver_after_id", "Member", "Who would; null: nobody, or not known from facts alone."
    )
    owner_before: Member | None = to_one("owner_before_id", "Member", "Whose customer he was.")
    owner_after: Member | None = to_one(
        "owner_after_id", "Member", "Whose he would be; null: nobody's, or not known."
    )
    credit_before: list[str] = _shares(
        "credit_before", "Whose result the deal was, like `name 60 %`, the largest share first."
    )
    credit_after: list[str] = _shares("credit_after", "Whose it would be.")


@strawberry.input(description="Which cases of a simulation.")
class SimulationCaseFilter:
    and_: list["SimulationCaseFilter"] | None = every()
    or_: list["SimulationCaseFilter"] | None = some()
    not_: "SimulationCaseFilter | None" = none_of()
    site_id: IdFilter | None = on_id("t.site_id", "site", "By site.")
    receiver_before_id: IdFilter | None = on_id(
        "t.receiver_before_id", "member", "By who received."
    )
    receiver_after_id: IdFilter | None = on_id(
        "t.receiver_after_id", "member", "By who would receive."
    )


_CASES: Final = Orders({"POSITION": SortKey("t.position", "bigint")}, "POSITION", descending=False)


@strawberry.enum(description="What may be done with a simulation. Values are added.")
class RulebookSimulationAction(Enum):
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelRulebookSimulation`.")


async def _drawn(reading: Reader | Finishing, row: UUID, locale: str) -> str:
    from service.simulation.periods.showing import plot  # noqa: PLC0415 - seldom asked for

    drawn: str = await reading.within(lambda sight: plot(sight, row, locale))
    return drawn


async def _finish_chart(finishing: Finishing, raw: str, _arguments: object) -> str:
    return await _drawn(finishing, UUID(raw), finishing.locale)


@planned(SimulationTable, action=_SIGHT, scope=RecordColumns())
@strawberry.type(
    description="A past period decided again under a draft or a version, and what that would have"
    " changed. Totals are null until it is done; those of claims, crossings, turns, unreceived and"
    " not reproduced visits stay null where stored facts alone were asked."
)
class RulebookSimulation(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    kind: SimulationKind = column("kind", "How it was done.")
    state: SimulationState = column("state", "Where it is.")
    text_hash: str = column("text_hash", "Names the text; a draft's `textHash` while it is so.")
    draft: RulebookDraft | None = to_one(
        "rulebook_draft_id", "RulebookDraft", "The draft; its text may have changed since."
    )
    rulebook_version: RulebookVersion | None = to_one(
        "rulebook_version_id", "RulebookVersion", "The version, where one was tried."
    )
    first_day: date = column("first_day", "First day of the period, on each site's calendar.")
    last_day: date = column("last_day", "Last day of the period, included.")
    created_by: Member | None = to_one("created_by", "Member", "Who asked for it.")
    created_at: datetime = column("created_at", CREATED_AT)
    started_at: datetime | None = column("started_at", "When it was begun.")
    finished_at: datetime | None = column("finished_at", "When it ended.")
    failure: str | None = column("failure", "Why it failed.")
    done_count: int = sql("t.done_count::int", "Events gone through so far.")
    total_count: int | None = sql("t.total_count::int", "Events to go through; null at first.")
    visit_count: int | None = _total("visits", "Visits of the period at the sites.")
    deal_count: int | None = _total("deals", "Deals signed in it.")
    receiver_changed_count: int | None = _total(
        "receiver_changed", "Visits that somebody else would receive."
    )
    owner_changed_count: int | None = _total(
        "owner_changed", "Visitors who would be somebody else's customers."
    )
    credit_changed_count: int | None = _total(
        "credit_changed", "Deals that would be credited otherwise."
    )
    case_count: int | None = _total(
        "cases", "Cases; the first 10,000 of them are kept, the sums are of all."
    )
    not_reproduced_count: int | None = _total(
        "not_reproduced",
        "Visits that the replay under the versions of the time sees otherwise than the record."
        " Their cases are to be read with care; 0 is usual.",
    )
    crossing_before_count: int | None = _total(
        "before.crossings", "Deals somebody else could have claimed when they were signed."
    )
    crossing_after_count: int | None = _total("after.crossings", "The same under the text.")
    late_claim_before_count: int | None = _total("before.claims_late", "Claims that came too late.")
    late_claim_after_count: int | None = _total("after.claims_late", "The same under the text.")
    admitted_claim_before_count: int | None = _total("before.claims_admitted", "Claims admitted.")
    admitted_claim_after_count: int | None = _total(
        "after.claims_admitted", "The same under the text."
    )
    unreceived_before_count: int | None = _total("before.waiting", "Visits nobody received.")
    unreceived_after_count: int | None = _total("after.waiting", "The same under the text.")
    turn_spread_before: int | None = _total(
        "before.turns_spread",
        "Turns by which the busiest of those signed in was ahead of the idlest, who may have had"
        " none; summed over days and sites.",
    )
    turn_spread_after: int | None = _total("after.turns_spread", "The same under the text.")
    workbook_path: str | None = sql(
        "CASE t.state WHEN 'DONE' THEN"
        " '/files/simulations/rulebook_simulation_' || t.id::text || '.xlsx' END",
        "Where on this host totals, sums and cases are had as an XLSX workbook, by `GET` with the"
        " same bearer token; null until it is done. It is made anew for who asks and never kept.",
    )
    tallies: list[SimulationTally] = to_many(
        "SimulationTally",
        "rulebook_simulation_id",
        "Sums by rep, by site and by rule; the largest first.",
        order="t.position",
    )
    cases: Connection[SimulationCase] = listing(
        SimulationCase,
        _CASES,
        "What changes, in the order in which it happened.",
        filter=SimulationCaseFilter,
        parent="rulebook_simulation_id",
    )
    allowed_actions: list[RulebookSimulationAction] = allowed_actions(
        "Commands the caller could issue now.",
        CANCEL=Possible("rulebook.draft", "t.state IN ('QUEUED', 'RUNNING')"),
    )

    @strawberry.field(
        description="Turns and credited deals of each rep, as it was and under the text, as an SVG"
        " document; the reps of `tallies`. Its words are in the caller's language.",
        metadata={PLANNED: Finished("to_json(t.id)", _finish_chart), **costs(AGGREGATE)},
    )
    async def chart(self, info: Info) -> str:
        row: UUID = self.__dict__["row_key"]
        return await _drawn(await info.context.reader(), row, info.context.locale)


@strawberry.input(description="Which simulations.")
class RulebookSimulationFilter:
    and_: list["RulebookSimulationFilter"] | None = every()
    or_: list["RulebookSimulationFilter"] | None = some()
    not_: "RulebookSimulationFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "rulebook_simulation", "By id.")
    state: Filter[SimulationState] | None = on("t.state", "text", "By where they are.")
    draft_id: IdFilter | None = on_id("t.rulebook_draft_id", "rulebook_draft", "By draft.")


_SIMULATIONS: Final = Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, "CREATED_AT")


@strawberry.type
class SimulationsQuery:
    rulebook_simulation: RulebookSimulation | None = one(
        RulebookSimulation, "One simulation; null when there is none in sight."
    )
    rulebook_simulations: Connection[RulebookSimulation] = listing(
        RulebookSimulation,
        _SIMULATIONS,
        "Simulations of rulebooks, latest first.",
        filter=RulebookSimulationFilter,
    )


@strawberry.input(one_of=True, description="What is tried.")
class SimulatedTextInput:
    draft_id: strawberry.ID | None = optional("A draft without errors, as it is written now.")
    version_id: strawberry.ID | None = optional("A version, in force or not.")


@strawberry.input(description="A text is to be tried on a past period.")
class StartRulebookSimulationInput(CommandInput):
    text: SimulatedTextInput = required("What is tried.")
    kind: SimulationKind = required("How the past is decided again.")
    first_day: date = required("First day, on each site's calendar.")
    last_day: date = required("Last day, included; 1 to 731 days. It is over at each of the sites.")
    site_ids: list[strawberry.ID] | None = optional(
        "Only at these sites, one at least; left out: at all."
    )


@strawberry.input(description="A simulation is called off.")
class CancelRulebookSimulationInput(CommandInput):
    simulation_id: strawberry.ID = required("The simulation.")


@strawberry.type(description="`simulation` is null exactly when `errors` is not empty.")
class _OfSimulation(Payload):
    simulation: RulebookSimulation | None = strawberry.field(
        default=None, description="The simulation."
    )


@strawberry.type(description="`simulation` is null exactly when `errors` is not empty.")
class StartRulebookSimulationPayload(_OfSimulation):
    pass


@strawberry.type(description="`simulation` is null exactly when `errors` is not empty.")
class CancelRulebookSimulationPayload(_OfSimulation):
    pass


def _start(sent: StartRulebookSimulationInput) -> commands.StartSimulation:
    text = sent.text
    ids: dict[str, Any] = {}
    for name, kind in (("draft_id", "rulebook_draft"), ("version_id", "rulebook_version")):
        value = given(getattr(text, name))
        if value is not None:
            path = "draftId" if name == "draft_id" else "versionId"
            ids[name] = row_id(str(value), kind, "text", path)
    return order_of(commands.StartSimulation, sent, {"site_ids": "site"}, **ids)


_SHOWN: Final = the("rulebook.draft", simulation=RulebookSimulation)


@strawberry.type
class SimulationsMutation:
    start_rulebook_simulation: StartRulebookSimulationPayload = command(
        commands.start_simulation,
        _start,
        StartRulebookSimulationInput,
        StartRulebookSimulationPayload,
        _SHOWN,
        "Puts a simulation in the queue; the worker runs one of a company at a time, five wait at"
        " most. Action `rulebook.draft`.",
    )
    cancel_rulebook_simulation: CancelRulebookSimulationPayload = command(
        commands.cancel_simulation,
        orders(commands.CancelSimulation, simulation_id="rulebook_simulation"),
        CancelRulebookSimulationInput,
        CancelRulebookSimulationPayload,
        _SHOWN,
        "Calls a simulation off: at once while it waits, within moments while it runs. Action"
        " `rulebook.draft`.",
    )
