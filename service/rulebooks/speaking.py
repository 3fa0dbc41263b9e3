"""The sentence of a rule, in the words of the version that decided, however old it is.

A version of years ago need not be one that today's product could compile: a fact may have been
renamed, a decision added. What it said to people stands in its stored document and is read there.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from service.database.session import Session
from service.policies.rulebooks.meaning import PLACEHOLDER
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.settling import PREFIX
from service.policies.rulebooks.vocabulary.kinds import Locale
from service.rulebooks.errors import NoRulebookInForce
from service.rulebooks.in_force import version


async def sentence_of_rule(
    session: Session, version_id: UUID, rule: str, locale: Locale, names: Mapping[str, str]
) -> str:
    """Return what a version's rule says, with the names given filled in.

    Raises:
        NoRulebookInForce: there is no such version.
    """
    try:
        return (await version(session, version_id)).rulebook.says(rule, locale, names)
    except RulebookRefused:
        row = await session.fetch_one(
            "SELECT document, overrides FROM app.rulebook_version WHERE tenant_id = $1 AND id = $2",
            session.tenant_id,
            version_id,
        )
        if row is None:
            raise NoRulebookInForce from None
        return stored_sentence(row["document"], row["overrides"], rule, locale, names)


def stored_sentence(
    document: Mapping[str, Any],
    overrides: Mapping[str, Any],
    rule: str,
    locale: Locale,
    names: Mapping[str, str],
) -> str:
    """Return a rule's sentence from a document as stored; its id where it says nothing."""
    says: Mapping[str, str] = next(
        (one["says"] for one in _rules(document) if one["id"] == rule), {}
    )
    params = {name: part.get("value") for name, part in document.get("params", {}).items()}

    def filled(name: str) -> str:
        if name.startswith(PREFIX):
            value = {**params, **overrides}.get(name.removeprefix(PREFIX), "{" + name + "}")
            return ", ".join(value) if isinstance(value, list) else str(value)
        return names.get(name, "{" + name + "}")

    sentence = says.get(locale) or says.get("en") or rule
    return PLACEHOLDER.sub(lambda match: filled(match[1]), sentence)


def _rules(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for decision in document.get("decisions", {}).values():
        yield from decision.get("rules", ())
        if "otherwise" in decision:
            yield decision["otherwise"]
