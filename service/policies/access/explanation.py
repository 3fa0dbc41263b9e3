"""Why the answer is what it is, in a sentence: the grant, the prohibition, or the nearest miss.

Casbin explains no allow where a deny may override it, so the table must. The verdict is worked
out here a second time from every grant one by one, not taken over from the check: the tests
hold the two against each other.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.policies.access import sentences
from service.policies.access.says import Says
from service.policies.access.sentences import Hearer
from service.policies.access.subjects import Actor, Holding, Record, Scope
from service.policies.access.table import Grant, Table, requested_by

_MOST_DUTIES_NAMED: Final = 3
_WIDTH: Final = {Scope.OWN: 1, Scope.TEAM: 2, Scope.TERRITORY: 3, Scope.TENANT: 4}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer, a sentence for a person, and what decided.

    Attributes:
        duty, role: codes of the grant or prohibition the sentence is about, if it is about one.
        acts_as: the absent member whose right was used.
    """

    allowed: bool
    sentence: str
    duty: str | None = None
    role: str | None = None
    acts_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Finding:
    """How one grant of one holding stands to the record."""

    holding: Holding
    grant: Grant
    listed: bool
    covered: bool
    within: bool

    @property
    def applies(self) -> bool:
        return self.listed and self.covered and self.within

    @property
    def nearness(self) -> tuple[bool, bool, bool, int, int]:
        """Order misses: a limit before a scope before a gap in the delegation; own first."""
        own = self.holding.acts_as is None
        return (self.listed, self.covered, own, _WIDTH[self.grant.scope], self.grant.at_most)


def explain(
    table: Table, actor: Actor, action: str, record: Record | None, hearer: Hearer
) -> Explanation:
    """Answer as `check` does and say why; without a record: does he hold it anywhere?"""
    ours = actor.tenant_id == table.tenant_id
    four_eyes = ours and record is not None and action in table.everyone
    if four_eyes and record is not None and requested_by(actor, record):
        himself = record.requester_id == actor.member_id
        says = Says.FOUR_EYES if himself else Says.FOUR_EYES_FOR_ABSENT
        words = sentences.action_worded(action, hearer.locale)
        return Explanation(False, sentences.worded(says, hearer, action=words))
    holdings = actor.holdings if ours else ()
    denies, allows = _findings(table, actor, holdings, action, record)
    for finding in denies:
        if finding.applies:
            return _about(table, Says.FORBIDDEN, finding, action, hearer=hearer)
    granting = [finding for finding in allows if finding.applies]
    if granting:
        finding = next((f for f in granting if f.holding.acts_as is None), granting[0])
        absent = finding.holding.acts_as is not None
        says = Says.GRANTED_FOR_ABSENT if absent else Says.GRANTED
        return _about(table, says, finding, action, hearer=hearer)
    if allows:
        return _missed(table, max(allows, key=lambda f: f.nearness), action, record, hearer)
    return _no_duty(table, action, hearer, ours=ours)


def _findings(
    table: Table,
    actor: Actor,
    holdings: tuple[Holding, ...],
    action: str,
    record: Record | None,
) -> tuple[list[_Finding], list[_Finding]]:
    denies: list[_Finding] = []
    allows: list[_Finding] = []
    for holding in holdings:
        grants = table.by_role.get((holding.role, action))
        if grants is None:
            continue
        listed = holding.commands is None or action in holding.commands
        for grant in grants.denies:
            covered = (
                grant.scope is Scope.TENANT
                if record is None
                else table.covers(grant.scope, actor, holding, record)
            )
            denies.append(_Finding(holding, grant, listed, covered, within=True))
        for grant in grants.allows:
            covered = record is None or table.covers(grant.scope, actor, holding, record)
            within = record is None or grant.within_limit(record)
            allows.append(_Finding(holding, grant, listed, covered, within))
    return denies, allows


def _missed(
    table: Table, finding: _Finding, action: str, record: Record | None, hearer: Hearer
) -> Explanation:
    if not finding.listed:
        words = sentences.action_worded(action, hearer.locale)
        return Explanation(False, sentences.worded(Says.NOT_DELEGATED, hearer, action=words))
    if not finding.covered:
        return _about(table, Says.OUT_OF_SCOPE, finding, action, hearer=hearer)
    figure = None if record is None else record.figures.get(finding.grant.limit_field or "")
    if figure is None:
        return _about(table, Says.NO_FIGURE, finding, action, hearer=hearer)
    return _about(table, Says.OVER_LIMIT, finding, action, hearer=hearer, figure=str(figure))


def _about(
    table: Table, says: Says, finding: _Finding, action: str, *, hearer: Hearer, figure: str = ""
) -> Explanation:
    grant, holding, locale = finding.grant, finding.holding, hearer.locale
    sentence = sentences.worded(
        says,
        hearer,
        duty=sentences.named(grant.duty, table.duty_wordings, locale),
        role=sentences.named(grant.role, table.role_wordings, locale),
        action=sentences.action_worded(action, hearer.locale),
        where=sentences.where(grant.scope, hearer, absent=holding.acts_as is not None),
        limit=sentences.up_to(grant.limit_field, grant.at_most, locale),
        but=sentences.but(grant.scope, locale) if says is Says.OUT_OF_SCOPE else "",
        figure=figure,
    )
    allowed = says in {Says.GRANTED, Says.GRANTED_FOR_ABSENT}
    return Explanation(allowed, sentence, grant.duty, grant.role, holding.acts_as)


def _no_duty(table: Table, action: str, hearer: Hearer, *, ours: bool) -> Explanation:
    locale = hearer.locale
    words = sentences.action_worded(action, locale)
    # Another tenant's duties are none of the caller's business.
    codes = table.by_action.get(action, ()) if ours else ()
    if not codes:
        return Explanation(False, sentences.worded(Says.NO_DUTY, hearer, action=words))
    names = [sentences.named(c, table.duty_wordings, locale) for c in codes[:_MOST_DUTIES_NAMED]]
    duties = sentences.listed(names, locale)
    return Explanation(
        False, sentences.worded(Says.NO_DUTY_BUT, hearer, action=words, duties=duties)
    )
