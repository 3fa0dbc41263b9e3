"""Who belongs where by a model: what is read for it, and the one statement that says it of all.

Order: a customer listed by name goes where the list says; then the conditions decide, from the top
of the tree down; whom none wants stays where he is, as long as that has a place in the model. Where
a model is gone back to, he goes where he was when it was left, and whoever is in a territory that
it does not know to the nearest above.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from service.database.session import Session
from service.organisation.territory_tree import in_force, standing
from service.policies.rulebooks.sql import columns_of_json, to_sql
from service.policies.rulebooks.vocabulary.kinds import LOCALES, DecisionWords, Label
from service.territories.rules import activations, membership
from service.territories.rules.activations import Span
from service.territories.rules.membership import Member, Place, Trait, words_of
from service.territories.words import TraitKind

_FACTS = """
LEFT JOIN LATERAL (
    SELECT jsonb_object_agg(a.code, v.value) AS facts FROM app.party_trait v
    JOIN app.account_trait a ON a.tenant_id = $1 AND a.id = v.account_trait_id
    WHERE v.tenant_id = $1 AND v.party_id = t.id) f ON TRUE
"""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A model as it decides: its places, and the territories that take customers, in order.

    Attributes:
        homes: where customers of territories go that have no place in it, as it is gone back to.
    """

    model_id: UUID
    places: tuple[Place, ...]
    words: DecisionWords
    asked: tuple[Member, ...]
    homes: Mapping[UUID, UUID] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement and its values, `$1` the tenant."""

    sql: str
    values: tuple[object, ...]


async def traits(session: Session) -> dict[str, tuple[UUID, Trait]]:
    """Return what the tenant knows of customers, by code, with each trait's id."""
    rows = await session.fetch(
        "SELECT id, code, names, kind, words, least, most FROM app.account_trait"
        " WHERE tenant_id = $1",
        session.tenant_id,
    )
    return {row["code"]: (row["id"], _trait_of(row)) for row in rows}


def _trait_of(row: Mapping[str, object]) -> Trait:
    names: dict[str, str] = row["names"]  # type: ignore[assignment]  # a row is untyped
    text = [names.get(locale) or next(iter(names.values()), "") for locale in LOCALES]
    words: Sequence[str] = row["words"] or ()  # type: ignore[assignment]  # see above
    return Trait(
        code=str(row["code"]),
        kind=TraitKind(str(row["kind"])),
        label=Label(*text),
        words=tuple(words),
        least=int(str(row["least"] or 0)),
        most=int(str(row["most"] or 0)),
    )


async def places_of(session: Session, model_id: UUID, at: object) -> tuple[Place, ...]:
    """Read where the territories in use stand in a model at an instant."""
    rows = await session.fetch(
        "SELECT p.territory_id, p.parent_id, p.position, p.rule, y.code"
        " FROM app.territory_place p JOIN app.territory y ON y.tenant_id = $1"
        " AND y.id = p.territory_id AND y.retired_at IS NULL"
        f" WHERE p.tenant_id = $1 AND p.territory_model_id = $2 AND {standing('$3')}",
        session.tenant_id,
        model_id,
        at,
    )
    return tuple(
        Place(row["territory_id"], row["parent_id"], row["code"], row["position"], row["rule"])
        for row in rows
    )


async def drawing(session: Session, model_id: UUID, at: object) -> Drawing:
    """Read a model as it decides at an instant.

    Raises:
        RulebookRefused: a condition cannot be read, which was refused when it was written.
    """
    places = await places_of(session, model_id, at)
    ruled = any(place.rule is not None for place in places)
    known = await traits(session) if ruled else {}
    words = words_of(trait for _, trait in known.values())
    return Drawing(model_id, places, words, membership.members(places, words))


async def drawing_from(
    session: Session, spans: Sequence[Span], model_id: UUID, begins: datetime, at: datetime
) -> Drawing:
    """Read a model that comes into force at an instant as it decides at it, or at a later one.

    Args:
        session: the transaction.
        spans: when every model is in force.
        model_id: the model.
        begins: when it comes into force.
        at: when it decides.
    """
    drawn = await drawing(session, model_id, at)
    left_id = activations.gone_back_from(spans, model_id, begins)
    if left_id is None or left_id == model_id:
        return drawn
    left = await places_of(session, left_id, begins)
    return replace(drawn, homes=membership.homes(left, drawn.places))


async def drawing_in_force(session: Session, at: object) -> Drawing | None:
    """Read the model in force at an instant; None where nothing of it takes customers by itself."""
    model_id = await session.fetch_value(
        "SELECT a.territory_model_id FROM app.territory_activation a"
        f" WHERE a.tenant_id = $1 AND {in_force('$2')} AND EXISTS (SELECT FROM app.territory_place"
        " p WHERE p.tenant_id = $1 AND p.territory_model_id = a.territory_model_id"
        f" AND p.rule IS NOT NULL AND {standing('$2')})",
        session.tenant_id,
        at,
    )
    return None if model_id is None else await drawing(session, model_id, at)


def belonging(drawn: Drawing, *, only: UUID | None = None) -> Asked:
    """Write where every customer belongs: `id, owner_id, org_unit_id, was, now, reason`.

    `now` is null for whom nothing of the model takes. Values are bound; codes of traits are letters
    of a closed alphabet.

    Args:
        drawn: the model.
        only: one customer; None is all.
    """
    columns = columns_of_json(drawn.words, "f.facts") | {
        "kind": "t.kind",
        "owned": "(t.owner_id IS NOT NULL)",
    }
    values: list[object] = [
        drawn.model_id,
        [one.territory_id for one in drawn.asked],
        [one.territory_id for one in drawn.places],
        list(drawn.homes.keys()),
        list(drawn.homes.values()),
    ]
    narrowed = ""
    if only is not None:
        values.append(only)
        narrowed = f" AND t.id = ${1 + len(values)}"
    case = to_sql(membership.decision_of(drawn.asked, drawn.words), {}, columns, 1 + len(values))
    by_rule = f"($3::uuid[])[({case.sql}) + 1]"
    sql = (
        "SELECT s.id, s.owner_id, s.org_unit_id, s.was,"
        " coalesce(s.listed, s.ruled, s.back, s.was_standing, s.above) AS now,"
        " CASE WHEN s.listed IS NOT NULL THEN 'LISTED' WHEN s.ruled IS NOT NULL THEN 'RULE'"
        " WHEN s.back IS NOT NULL THEN CASE WHEN s.back = s.was THEN 'KEPT' ELSE 'BACK' END"
        " WHEN s.was_standing IS NOT NULL THEN 'KEPT' WHEN s.above IS NOT NULL THEN 'ABOVE'"
        " ELSE 'LEFT_OUT' END AS reason"
        " FROM (SELECT t.id, t.owner_id, t.org_unit_id, t.territory_id AS was,"
        " l.territory_id AS listed, e.territory_id AS back,"
        f" {by_rule} AS ruled, CASE WHEN t.territory_id = ANY($4::uuid[]) THEN t.territory_id END"
        " AS was_standing,"
        " ($6::uuid[])[array_position($5::uuid[], t.territory_id)] AS above FROM app.party t"
        " LEFT JOIN app.territory_account l ON l.tenant_id = $1 AND l.territory_model_id = $2"
        " AND l.party_id = t.id LEFT JOIN app.territory_return e ON e.tenant_id = $1"
        " AND e.territory_model_id = $2 AND e.party_id = t.id"
        f" AND e.territory_id = ANY($4::uuid[]) {_FACTS if drawn.asked else ''}"
        f" WHERE t.tenant_id = $1{narrowed}) s"
    )
    return Asked(sql, (*values, *case.arguments))


async def would_move(
    session: Session, drawn: Drawing
) -> list[tuple[UUID, UUID | None, UUID | None]]:
    """Return who would go where: customer, his territory now, the one he would belong to."""
    asked = belonging(drawn)
    rows = await session.fetch(
        f"SELECT b.id, b.was, b.now FROM ({asked.sql}) b"
        " WHERE b.now IS NOT NULL AND b.now IS DISTINCT FROM b.was",
        session.tenant_id,
        *asked.values,
    )
    return [(row["id"], row["was"], row["now"]) for row in rows]
