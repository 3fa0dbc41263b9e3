"""Why something was decided, in the rulebook's own sentence."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast
from uuid import UUID

from service.policies.rulebooks.vocabulary.kinds import Label, Locale
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.rulebooks.in_force import InForce, kept, version
from service.rulebooks.speaking import sentence_of_rule
from service.schema.planner.fallback import Reader
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import mapping_of
from service.schema.planner.plan import Selected
from service.schema.planner.sql import Writer
from service.schema.planner.statements import Statement

# Stands for somebody the caller may not see: the sentence stays true, the name stays hidden.
HIDDEN: Final = "…"


async def sentence_of(reader: Reader, version_id: UUID, rule: str, named: Mapping[str, str]) -> str:
    """Return a rule's sentence in the reader's language, with the names the caller may see."""
    names = {word: await shown_name(reader, UUID(row)) for word, row in named.items()}
    locale = cast(Locale, reader.locale)
    return await reader.within(
        lambda sight: sentence_of_rule(sight, version_id, rule, locale, names)
    )


async def say(finishing: Finishing, version_id: UUID, rule: str, names: Mapping[str, str]) -> str:
    """Return a rule's sentence for a planned answer, with names the statement has brought."""
    known = kept(finishing.tenant_id, version_id)
    locale = cast(Locale, finishing.locale)
    if known is not None:
        return known.rulebook.says(rule, locale, names)
    return await finishing.within(
        lambda sight: sentence_of_rule(sight, version_id, rule, locale, names)
    )


async def in_force_of(finishing: Finishing, version_id: UUID) -> InForce:
    """Return a version of the rulebook for a planned answer; read only when it is not compiled."""
    known = kept(finishing.tenant_id, version_id)
    if known is not None:
        return known
    return await finishing.within(lambda sight: version(sight, version_id))


async def reason(finishing: Finishing, raw: Any, _arguments: object) -> str:  # noqa: ANN401 - JSON
    """Finish a reason: its version, its rule, and the names in it."""
    version_id, rule, names = raw
    return await say(finishing, UUID(version_id), rule, names)


def raw_reason(version_row: str, rule: str, named: str) -> Callable[[Writer, Selected], str]:
    """Return what writes a reason over `t`.

    Args:
        version_row: SQL of the version's id; where it is null there is no reason.
        rule: SQL of the rule's name.
        named: SQL of the members and parties to be named, a JSON object of ids.
    """

    def write(writer: Writer, _field: Selected) -> str:
        return (
            f"CASE WHEN {version_row} IS NOT NULL THEN json_build_array({version_row}, {rule},"
            f" {names_shown(writer.outline, named)}) END"
        )

    return write


def names_shown(statement: Statement, named: str) -> str:
    """Write the names of members and parties as the caller may see them, by their words.

    Args:
        statement: the statement.
        named: SQL of a JSON object of ids.
    """
    shown = name_shown(statement, "x.value::uuid")
    found = f"coalesce(json_object_agg(x.key, {shown}), '{{}}')"
    return f"(SELECT {found} FROM jsonb_each_text({named}) x)"


def name_shown(statement: Statement, row: str) -> str:
    """Write the name of a member or a party as the caller may see it, over a row other than `t`."""
    member = statement.rows_of(mapping_of("Member"))
    party = statement.rows_of(mapping_of("Party"))
    return (
        f"coalesce((SELECT t.name {member} AND t.id = {row}),"
        f" (SELECT nullif(t.full_name, '') {party} AND t.id = {row}), '{HIDDEN}')"
    )


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


_FLAGS: Final[Mapping[bool, Label]] = {
    True: Label("yes", "是", "是"),
    False: Label("no", "否", "否"),
}


def value_label(value: object, locale: str) -> str:
    """Return what a fact was, in words: of a list of the rulebook, yes or no, or a number."""
    label = _FLAGS[value] if isinstance(value, bool) else SHOWROOM.words.get(str(value))
    return str(value) if label is None else label.text(cast(Locale, locale))
