"""Which customers a draft takes: by a condition, or by name; and whom it would move."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final
from uuid import UUID

from service.errors import InvalidInput, NotFound
from service.policies.access import Record
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Locale
from service.territories import belonging, facts
from service.territories.commands.placing import TERRITORY, authorise_place
from service.territories.commands.redrawing import keep_moved_seats
from service.territories.errors import TerritoryRuleFaulty
from service.territories.rules import membership
from service.territories.tables import TerritoryAccount, TerritoryModel, TerritoryPlace
from service.work import UnitOfWork

_LONGEST_RULE: Final = 4_000
_MOST_ACCOUNTS: Final = 200
_RULE: Final = ("input", "rule")


@dataclass(frozen=True, slots=True)
class SetTerritoryRule:
    """Let a territory of a draft take the customers a condition holds for; None takes nobody."""

    territory_model_id: UUID
    territory_id: UUID
    rule: str | None = None


async def set_territory_rule(work: UnitOfWork, order: SetTerritoryRule) -> UUID:
    """Write a condition into a draft and return the draft's id; locks the draft.

    Raises:
        Forbidden, NotFound (also a territory without a place in the draft), InvalidInput,
        TerritoryModelPublished, TerritoryModelArchived, or TerritoryRuleFaulty.
    """
    draft = await facts.draft(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(draft))
    place = await facts.place(work, order.territory_model_id, order.territory_id)
    if place is None:
        raise NotFound(field=TERRITORY)
    authorise_place(work, order.territory_id, order.territory_id)
    rule = None if order.rule is None else order.rule.strip()
    if rule is not None:
        if not 1 <= len(rule) <= _LONGEST_RULE:
            raise InvalidInput(field=_RULE, expected="CHARACTERS", least=1, most=_LONGEST_RULE)
        await _refuse_faulty(work, rule)
    work.change(TerritoryPlace, place["id"], {"rule": rule})
    work.change(TerritoryModel, order.territory_model_id, {})
    work.concerns(
        "territory_model", order.territory_model_id, territory=order.territory_id, rule=rule
    )
    return order.territory_model_id


async def _refuse_faulty(work: UnitOfWork, rule: str) -> None:
    known = await belonging.traits(work)
    words = membership.words_of(trait for _, trait in known.values())
    try:
        membership.condition(rule, words)
    except RulebookRefused as refused:
        problem = refused.problems[0]
        raise TerritoryRuleFaulty(
            field=_RULE, problem=problem.message(_locale(work)), column=problem.at.column
        ) from refused


def _locale(work: UnitOfWork) -> Locale:
    asked = "en" if work.by_product else work.actor.locale
    return next((one for one in LOCALES if one == asked), "en")


@dataclass(frozen=True, slots=True)
class ListAccounts:
    """List customers by name for a territory of a draft, whatever the conditions say.

    Attributes:
        territory_id: where they go; None takes them off the list again.
    """

    territory_model_id: UUID
    party_ids: tuple[UUID, ...]
    territory_id: UUID | None = None


async def list_accounts(work: UnitOfWork, order: ListAccounts) -> UUID:
    """Write customers into, or out of, a draft's lists and return its id; locks the draft.

    Raises:
        Forbidden (also for a customer's place as it is now), NotFound (the path ends in the
        position), InvalidInput, TerritoryModelPublished, TerritoryModelArchived.
    """
    draft = await facts.draft(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(draft))
    field = ("input", "partyIds")
    if not 1 <= len(order.party_ids) <= _MOST_ACCOUNTS:
        raise InvalidInput(field=field, expected="FROM_TO", least=1, most=_MOST_ACCOUNTS)
    if order.territory_id is not None:
        place = await facts.place(work, order.territory_model_id, order.territory_id)
        if place is None:
            raise NotFound(field=TERRITORY)
        authorise_place(work, order.territory_id, order.territory_id)
    parties = await facts.party_places(work, order.party_ids)
    for position, party_id in enumerate(order.party_ids):
        if party_id not in parties:
            raise NotFound(field=(*field, str(position)))
    for territory_id in sorted(set(parties.values()), key=str):
        work.authorise("territory_model.place", Record(territory_id=territory_id))
    listed = list(dict.fromkeys(order.party_ids))
    work.write(
        "territory_account",
        "DELETE FROM app.territory_account WHERE tenant_id = {}::uuid"
        " AND territory_model_id = {}::uuid AND party_id = ANY({}::uuid[])",
        work.tenant_id,
        order.territory_model_id,
        listed,
    )
    await work.flush()
    if order.territory_id is not None:
        work.add(*(_listed(work, order, party_id) for party_id in listed))
    work.change(TerritoryModel, order.territory_model_id, {})
    work.concerns(
        "territory_model",
        order.territory_model_id,
        territory=order.territory_id,
        parties=listed,
    )
    return order.territory_model_id


def _listed(work: UnitOfWork, order: ListAccounts, party_id: UUID) -> TerritoryAccount:
    return TerritoryAccount(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        territory_model_id=order.territory_model_id,
        territory_id=order.territory_id,
        party_id=party_id,
        created_at=work.now,
        created_by=work.caller.member_id,
    )


@dataclass(frozen=True, slots=True)
class PreviewTerritoryModel:
    """See whom a model would move, if it came into force now.

    Attributes:
        active_on: the day from which targets would follow; None is today.
    """

    bulk: ClassVar[bool] = True

    territory_model_id: UUID
    active_on: date | None = None


_MOVES: Final = """
INSERT INTO app.territory_move (tenant_id, created_at, created_by, territory_model_id, party_id,
    from_territory_id, to_territory_id, owner_id, org_unit_id, reason, registration_count,
    deal_count, amount_minor, opportunity_count, pipeline_minor, currency)
SELECT $1, {now}::timestamptz, {me}::uuid, $2, b.id, b.was, b.now, b.owner_id, b.org_unit_id,
    b.reason, r.n, d.n, d.minor, o.n, o.minor,
    CASE WHEN num_nonnulls(d.minor, o.minor) > 0 THEN {currency}::text END
FROM ({belonging}) b
CROSS JOIN LATERAL (SELECT count(*) AS n FROM app.registration r WHERE r.tenant_id = $1
    AND r.party_id = b.id AND r.result = 'VALID' AND r.voided_at IS NULL
    AND r.superseded_at IS NULL AND r.converted_at IS NULL
    AND r.protected_until > {now}::timestamptz) r
CROSS JOIN LATERAL (SELECT count(*) AS n, sum(d.amount_minor)
        FILTER (WHERE d.currency = {currency}::text) AS minor
    FROM app.deal d WHERE d.tenant_id = $1 AND d.party_id = b.id AND d.cancelled_at IS NULL) d
CROSS JOIN LATERAL (SELECT count(*) AS n, sum(o.amount)
        FILTER (WHERE o.currency = {currency}::text) AS minor
    FROM app.opportunity o WHERE o.tenant_id = $1 AND o.party_id = b.id
    AND o.state = 'OPEN') o
WHERE b.now IS DISTINCT FROM b.was
  AND ({everywhere}::boolean OR b.was = ANY({reach}::uuid[]) OR b.now = ANY({reach}::uuid[]))
RETURNING 1
"""


async def preview_territory_model(work: UnitOfWork, order: PreviewTerritoryModel) -> UUID:
    """Write whom a model would move, for the caller alone, and return its id; locks the model.

    What lies outside his sub-tree on both sides he is not told.

    Raises:
        Forbidden, NotFound.
    """
    row = await facts.model(work, order.territory_model_id)
    work.authorise("territory_model.edit", facts.record_of(row))
    spans = await facts.spans(work)
    drawn = await belonging.drawing_from(work, spans, order.territory_model_id, work.now, work.now)
    everywhere = work.policy.check(work.actor, "territory_model.place", Record()).allowed
    reach = [
        place.territory_id
        for place in drawn.places
        if work.policy.check(
            work.actor, "territory_model.place", Record(territory_id=place.territory_id)
        ).allowed
    ]
    work.write(
        "territory_move",
        "DELETE FROM app.territory_move WHERE tenant_id = {}::uuid"
        " AND territory_model_id = {}::uuid AND created_by = {}::uuid",
        work.tenant_id,
        order.territory_model_id,
        work.caller.member_id,
    )
    await work.flush()
    asked = belonging.belonging(drawn)
    more = (work.now, work.caller.member_id, work.tenant.currency, everywhere, reach)
    first = 2 + len(asked.values)
    marks = [f"${first + number}" for number in range(len(more))]
    names = ("now", "me", "currency", "everywhere", "reach")
    text = _MOVES.format(belonging=asked.sql, **dict(zip(names, marks, strict=True)))
    await work.fetch(text, work.tenant_id, *asked.values, *more)
    reached = None if everywhere else frozenset(reach)
    await keep_moved_seats(work, order.territory_model_id, drawn.places, reached)
    work.concerns("territory_model", order.territory_model_id)
    return order.territory_model_id
