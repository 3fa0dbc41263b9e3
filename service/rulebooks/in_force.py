"""Which version of the rulebook decides: the one in force at the event's own time.

Versions never change once published, so their compiled form is kept in the process.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

from service.database.session import Session
from service.journal.entries import digest
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.rulebooks.calendars import begins_at
from service.rulebooks.completing import completed
from service.rulebooks.errors import NoRulebookInForce
from service.rulebooks.facts import window_of
from service.rulebooks.rules import calendar

SHOWROOM_POLICY = "showroom"
_MOST_VERSIONS = 512
_compiled: OrderedDict[tuple[UUID, UUID], Rulebook] = OrderedDict()
_by_content: WeakValueDictionary[str, Rulebook] = WeakValueDictionary()

# To be joined into a statement that reads facts: $1 is the tenant, {at} the deciding instant.
# Where no site is asked about, the company's clock cuts its days.
VERSION_IN_FORCE = """
(SELECT v.id FROM app.rulebook_version v
 WHERE v.tenant_id = $1::uuid AND v.policy = 'showroom' AND v.state = 'PUBLISHED'
   AND v.site_id IS NULL AND v.effective_from <= {at}::timestamptz
 ORDER BY v.effective_from DESC, v.number DESC LIMIT 1)
"""
# The same at a site: {site} is its id and {zone} its time zone, as SQL. Its own version beats the
# company's, whose local days begin at the site's midnight. Two reads of an index, each of one row.
VERSION_AT_SITE = f"""
coalesce(
(SELECT v.id FROM app.rulebook_version v
 WHERE v.tenant_id = $1::uuid AND v.policy = 'showroom' AND v.state = 'PUBLISHED'
   AND v.site_id = {{site}} AND v.effective_from <= {{at}}::timestamptz
   AND (v.effective_until IS NULL OR v.effective_until > {{at}}::timestamptz)
 ORDER BY v.effective_from DESC, v.number DESC LIMIT 1),
(SELECT v.id FROM app.rulebook_version v
 WHERE v.tenant_id = $1::uuid AND v.policy = 'showroom' AND v.state = 'PUBLISHED'
   AND v.site_id IS NULL
   AND {begins_at("{zone}")}
       <= {{at}}::timestamptz
 ORDER BY v.effective_from DESC, v.number DESC LIMIT 1))
"""
# Whether a version is known that will take a site's running periods over (`running: switch`), or
# the site's own ends and gives way to another. {at} and {site} as above.
SWITCH_TO_COME = """
EXISTS (SELECT FROM app.rulebook_version v
 WHERE v.tenant_id = $1::uuid AND v.policy = 'showroom' AND v.state = 'PUBLISHED'
   AND (v.site_id IS NULL OR v.site_id = {site})
   AND (v.effective_from > {at}::timestamptz - interval '26 hours'
        AND v.switches
        OR v.site_id IS NOT NULL AND v.effective_until > {at}::timestamptz))
"""
_OF_SITE = "(SELECT s.time_zone FROM app.site s WHERE s.tenant_id = $1::uuid AND s.id = $3::uuid)"
_AT_ONE = VERSION_AT_SITE.format(at="$2", site="$3::uuid", zone=_OF_SITE)


@dataclass(frozen=True, slots=True)
class InForce:
    """A compiled version and its id, for the decision record."""

    version_id: UUID
    rulebook: Rulebook


async def in_force(session: Session, at: datetime, site_id: UUID | None = None) -> InForce:
    """Return the showroom rulebook in force at an instant; one statement, or two when cold.

    Args:
        session: the session.
        at: the deciding instant.
        site_id: the site it decides at; None where the whole company's is asked for.

    Raises:
        NoRulebookInForce: the tenant has published none for that instant.
    """
    version_id = await (
        session.fetch_value(f"SELECT {VERSION_IN_FORCE.format(at='$2')}", session.tenant_id, at)
        if site_id is None
        else session.fetch_value(f"SELECT {_AT_ONE}", session.tenant_id, at, site_id)
    )
    return await version(session, version_id)


async def switching(session: Session, site_id: UUID, zone: ZoneInfo) -> list[tuple[datetime, UUID]]:
    """Return the versions that take running periods over at a site, and when, in order."""
    rows = await session.fetch(
        "SELECT id, number, site_id, effective_from, effective_until, effective_on,"
        " switches FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND policy = $2 AND state = 'PUBLISHED'"
        " AND (site_id IS NULL OR site_id = $3)",
        session.tenant_id,
        SHOWROOM_POLICY,
        site_id,
    )
    switches = {row["id"] for row in rows if row["switches"]}
    spans = calendar([window_of(row) for row in rows], site_id, zone)
    return [(span.begins, span.version_id) for span in spans if span.version_id in switches]


def kept(tenant_id: UUID, version_id: UUID) -> InForce | None:
    """Return a version if it is compiled here already."""
    known = _compiled.get((tenant_id, version_id))
    return None if known is None else InForce(version_id, known)


async def version(session: Session, version_id: UUID | None) -> InForce:
    """Return a version compiled; no statement when it is known here already.

    Raises:
        NoRulebookInForce: there is no such version.
    """
    if version_id is None:
        raise NoRulebookInForce
    key = (session.tenant_id, version_id)
    known = _compiled.get(key)
    if known is None:
        row = await session.fetch_one(
            # Its tests were run before it was published: thousands, and no part of deciding.
            "SELECT document - 'tests' AS document, overrides FROM app.rulebook_version"
            " WHERE tenant_id = $1 AND id = $2",
            session.tenant_id,
            version_id,
        )
        if row is None:
            raise NoRulebookInForce
        known = _compiled_once(row["document"], row["overrides"])
        _compiled[key] = known
        if len(_compiled) > _MOST_VERSIONS:
            _compiled.popitem(last=False)
    _compiled.move_to_end(key)
    return InForce(version_id, known)


def _compiled_once(document: dict[str, Any], overrides: dict[str, Any]) -> Rulebook:
    # Most tenants begin with a shipped rulebook and keep it: one compiled form serves them all.
    content = digest("rulebook", [document, overrides])
    shared = _by_content.get(content)
    if shared is None:
        vocabulary = VOCABULARIES[document["policy"]]
        deciding = from_json({**completed(document), "tests": []})
        shared = compile_rulebook(deciding, vocabulary, overrides)
        _by_content[content] = shared
    return shared
