"""The decision tables of the showroom's rulebook, row by row (2.3 to 2.5), with its parameters.

Written from the tables and from what `docs/rulebook-readings.md` says where they are silent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

DEFAULTS: Mapping[str, Any] = {
    "rotation.order": "SIGN_IN",
    "rotation.capacity_per_day": 0,
    "rotation.skip_busy": "KEEP",
    "rotation.skip_away_business": "KEEP",
    "rotation.skip_away_personal": "LOSE",
    "rotation.all_busy": "DOUBLE",
    "rotation.named_consumes_turn": False,
    "rotation.survey_consumes_turn": True,
    "rotation.obligatory_receiver": "QUEUE_TAIL",
    "rotation.obligatory_fallback": "MANAGER",
    "named.evidence": "PHONE_OR_REFERRAL",
    "named.must_be_call_taker": False,
    "named.busy": "OBLIGATORY_TAIL",
    "named.away": "AS_BUSY",
    "named.off_duty": "NEW",
    "returning.busy_owner": "OBLIGATORY",
    "returning.customer_choice": "EARLIEST",
    "returning.lapsed": "EARLIEST_IF_FREE",
    "returning.unconfirmed_claim_days": None,
    "referral.unnamed": "NEW",
    "offday.owner": "ROTATION_HEAD",
    "phone.creates_registration": False,
    "phone.registration_days": 15,
    "phone.max_rings": 2,
    "phone.max_seconds": 180,
    "merge.order_by": "ENTRY",
    "visit.group_policy": "SEPARATE",
    "register.match": "PHONE",
    "register.deadline": "END_OF_RECEPTION_DAY",
    "register.deadline_minutes": 60,
    "tracking.days": 7,
    "tracking.renewal": "ON_FOLLOWUP",
    "tracking.max_total_days": 0,
    "tracking.effective_only": False,
    "tracking.test_event": "CLOSING_VISIT",
    "followup.first_due_days": 3,
    "claim.days": 3,
    "claim.exclude_start_day": True,
    "claim.deal_event": "SUBSCRIPTION",
    "claim.tie_break": "EARLIEST_REGISTRATION",
    "claim.split_owner": 100,
    "obligatory.credit_split": 100,
    "merge.family": ("spouse", "parent", "child"),
    "merge.company": ("superior", "subordinate"),
    "merge.same_unit": True,
    "tamper.scope": "WHOLE_REGISTER",
    "dispute.customers": True,
    "dispute.private_until": "END_OF_DAY",
    "dispute.private_hours": 24,
    "dispute.allow_manager_split": False,
    "dispute.company_requires_aggravated": True,
    "dispute.appeal": "NONE",
    "dispute.appeal_days": 3,
    "deal.first": True,
}


class Policy:
    """The values that hold in a story."""

    def __init__(self, overridden: Mapping[str, Any] | None = None) -> None:
        self._values = {**DEFAULTS, **(overridden or {})}

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        if name == "returning.unconfirmed_claim_days" and value is None:
            return self._values["claim.days"]
        return value


class Spot(NamedTuple):
    """A rep in the live queue: FREE, BUSY, AWAY_BUSINESS or AWAY_PRIVATE."""

    name: str
    doing: str
    visitors: int
    turns: int
    full: bool


@dataclass(frozen=True)
class Guest:
    """A visitor as the desk knows him.

    Attributes:
        standing: NONE, LIVE or LAPSED; `keeper` is the rep of the registration that decides.
        evidence: NONE, CALL or REFERRAL.
    """

    survey: str = "NONE"
    way: str = "WALK_IN"
    said_old: bool = False
    greeter: str | None = None
    standing: str = "NONE"
    keeper: str | None = None
    named: str | None = None
    evidence: str = "NONE"
    named_took_call: bool = False
    referrers_rep: str | None = None
    grabbed_by: str | None = None
    friends_rep: str | None = None


@dataclass(frozen=True)
class Reception:
    """What a row of the table came to; `lost` are those who were skipped and lost their places."""

    receiver: str | None
    owner: str | None
    mode: str
    clause: str
    turn: str | None = None
    obligation: str = "NONE"
    lost: Sequence[str] = field(default=())


MANAGER, COMPANY = "MANAGER", "COMPANY"


def naming(policy: Policy, guest: Guest) -> str:
    """Whether the naming counts (RR-9 to RR-11): NONE, COUNTS or UNPROVEN."""
    if guest.named is None:
        return "NONE"
    if policy["named.evidence"] in {"ANY", "NONE"} or guest.evidence == "REFERRAL":
        return "COUNTS"
    by_call = guest.named_took_call or not policy["named.must_be_call_taker"]
    return "COUNTS" if guest.evidence == "CALL" and by_call else "UNPROVEN"


class Table:
    """One arrival: the table's rows asked from the top."""

    def __init__(self, policy: Policy, guest: Guest, queue: Sequence[Spot]) -> None:
        self.policy, self.guest, self.queue = policy, guest, list(queue)
        self.rotation = [spot for spot in queue if not spot.full]

    def decide(self) -> Reception:
        for rows in (
            self._survey,
            self._day_off,
            self._wished,
            self._returning,
            self._named,
            self._referred,
            self._together,
        ):
            found = rows()
            if found is not None:
                return found
        return self._in_turn()

    # Where people are.

    def _where(self, name: str | None) -> str:
        if name is None:
            return "NONE"
        for spot in self.queue:
            if spot.name == name:
                return spot.doing if spot.doing in {"FREE", "BUSY"} else "AWAY"
        return "OFF"

    @staticmethod
    def _best(spots: Sequence[Spot]) -> str:
        doing = {spot.doing for spot in spots}
        for word in ("FREE", "BUSY"):
            if word in doing:
                return word
        return "AWAY" if doing else "EMPTY"

    def _ordered(self, spots: Sequence[Spot]) -> list[Spot]:
        """The order in which turns come; equal weights are shared like fewest first."""
        if self.policy["rotation.order"] in {"FEWEST_NEW", "WEIGHTED"}:
            return sorted(spots, key=lambda spot: spot.turns)
        return list(spots)

    # RR-1 to RR-3.

    def _survey(self) -> Reception | None:
        if self.guest.survey != "DECLARED":
            return None
        return Reception(self._stand_in(None), None, "SURVEY", "五五2")

    def _day_off(self) -> Reception | None:
        guest = self.guest
        if guest.greeter is None:
            return None
        if guest.standing == "LIVE":
            if guest.keeper == guest.greeter:
                return Reception(guest.greeter, guest.keeper, "OWN_RETURN", "五五1")
            return self._for(guest.keeper, "五五4", "OLD_CUSTOMER", receiver=guest.greeter)
        rule = self.policy["offday.owner"]
        if rule == "ROTATION_HEAD" and self.rotation:
            head = self.rotation[0].name
            return Reception(guest.greeter, head, "OBLIGATORY", "五五9", head, "DAY_OFF")
        if rule == "RECEIVER":
            return Reception(guest.greeter, guest.greeter, "TURN", "五五9")
        return self._for(COMPANY, "五五9", "DAY_OFF", receiver=guest.greeter)

    # RR-4 to RR-8.

    def _wished(self) -> Reception | None:
        """An old customer who asks for another rep than his own (returning.customer_choice)."""
        guest, chooses = self.guest, self.policy["returning.customer_choice"] == "CUSTOMER"
        another = guest.named if guest.named != guest.keeper else None
        if guest.standing != "LIVE" or not chooses or self._where(another) != "FREE":
            return None
        return Reception(another, another, "NAMED", "五五1")

    def _returning(self) -> Reception | None:
        guest, where = self.guest, self._where(self.guest.keeper)
        if guest.standing == "LIVE":
            if where == "FREE":
                return Reception(guest.keeper, guest.keeper, "OWN_RETURN", "五五1")
            if where != "BUSY":
                return self._for(guest.keeper, "五五4", "OLD_CUSTOMER")
            if self.policy["returning.busy_owner"] == "OBLIGATORY":
                return self._for(guest.keeper, "五五1+7", "OLD_CUSTOMER")
            if self.policy["returning.busy_owner"] == "WAIT":
                return Reception(None, guest.keeper, "WAIT", "五五1")
        lapsed = guest.standing == "LAPSED" and where == "FREE"
        if lapsed and self.policy["returning.lapsed"] == "EARLIEST_IF_FREE":
            return Reception(guest.keeper, guest.keeper, "OWN_RETURN", "五五1")
        return None

    # RR-9 to RR-11, of visitors whom nobody has registered.

    def _named(self) -> Reception | None:
        guest, policy = self.guest, self.policy
        if guest.standing != "NONE" or naming(policy, guest) != "COUNTS":
            return None
        where = self._where(guest.named)
        if where == "FREE":
            return self._named_and_free()
        if where == "BUSY" or (where == "AWAY" and policy["named.away"] == "AS_BUSY"):
            if policy["named.busy"] == "WAIT":
                return Reception(None, guest.named, "WAIT", "五五7")
        elif policy["named.off_duty"] != "OBLIGATORY":
            return None
        return self._for(guest.named, "五五7", "NAMED_REP")

    def _named_and_free(self) -> Reception:
        guest, uses = self.guest, self.policy["rotation.named_consumes_turn"]
        if uses is True or (uses == "IF_COINCIDES" and self._next() == guest.named):
            return Reception(guest.named, guest.named, "NAMED", "五五7", guest.named)
        clause = "五五7" if guest.evidence == "REFERRAL" else "五二"
        return Reception(guest.named, guest.named, "NAMED", clause)

    def _referred(self) -> Reception | None:
        guest = self.guest
        unnamed = guest.standing == "NONE" and guest.named is None and guest.way == "REFERRAL"
        if not unnamed or self.policy["referral.unnamed"] != "REFERRER_OWNER":
            return None
        rep, where = guest.referrers_rep, self._where(guest.referrers_rep)
        if where == "FREE":
            return Reception(rep, rep, "NAMED", "五五5")
        return self._for(rep, "五五5", "NAMED_REP") if where in {"BUSY", "AWAY"} else None

    # Who comes together and buys apart (visit.group_policy).

    def _together(self) -> Reception | None:
        guest, where = self.guest, self._where(self.guest.friends_rep)
        new = guest.standing == "NONE" and naming(self.policy, guest) != "COUNTS"
        if not new or self.policy["visit.group_policy"] != "SHARE_REP":
            return None
        rep, mode = guest.friends_rep, {"FREE": "TURN", "BUSY": "DOUBLE"}.get(where)
        return None if mode is None else Reception(rep, rep, mode, "五二", rep)

    # RR-12 to RR-15.

    def _in_turn(self) -> Reception:
        best = self._best(self.rotation)
        if best in {"EMPTY", "AWAY"}:
            return Reception(MANAGER, COMPANY, "MANAGER", "五二")
        if self.policy["rotation.order"] == "OPEN_FLOOR":
            return self._open_floor()
        if best == "BUSY":
            return self._all_busy()
        clause = self._clause_in_turn()
        spots = self._ordered(self.queue)
        free = next(spot for spot in spots if spot.doing == "FREE" and not spot.full)
        before = spots[: spots.index(free)]
        lost = [spot.name for spot in before if not spot.full and self._loses(spot)]
        guest = self.guest
        free_survey = guest.standing == "NONE" and self._plain() and guest.survey == "UNDECLARED"
        uses = not free_survey or self.policy["rotation.survey_consumes_turn"]
        turn = free.name if uses else None
        return Reception(free.name, free.name, "TURN", clause, turn, lost=lost)

    def _plain(self) -> bool:
        """Nothing that comes before the row of surveys: no naming that counts, not said old."""
        return naming(self.policy, self.guest) != "COUNTS" and not self.guest.said_old

    def _clause_in_turn(self) -> str:
        guest, named = self.guest, naming(self.policy, self.guest)
        rows = (
            (guest.standing == "LAPSED", "五四4"),
            (guest.standing == "LIVE", "五五1"),
            (named == "COUNTS", "五五7"),
            (guest.said_old, "五五1(無法確認)"),
            (guest.survey == "UNDECLARED", "五五2"),
            (named == "UNPROVEN", "五二"),
            (guest.way == "REFERRAL", "五五5"),
        )
        return next((clause for holds, clause in rows if holds), "五二")

    def _open_floor(self) -> Reception:
        taker = next((s for s in self.rotation if s.name == self.guest.grabbed_by), None)
        if taker is None:
            return Reception(
                None, None, "WAIT" if self.guest.grabbed_by is None else "TURN", "五二"
            )
        if taker.doing not in {"FREE", "BUSY"}:
            return Reception(None, None, "TURN", "五二")
        return Reception(taker.name, taker.name, "TURN", "五二", taker.name)

    def _all_busy(self) -> Reception:
        word = self.policy["rotation.all_busy"]
        if word == "WAIT":
            return Reception(None, None, "WAIT", "五五6")
        if word == "MANAGER":
            return Reception(MANAGER, COMPANY, "MANAGER", "五五6")
        present = [spot for spot in self.rotation if spot.doing == "BUSY"]
        least = min(present, key=lambda spot: spot.visitors).name
        return Reception(least, least, "DOUBLE", "五五6", least)

    def _loses(self, spot: Spot) -> bool:
        skips = {"BUSY": "busy", "AWAY_BUSINESS": "away_business", "AWAY_PRIVATE": "away_personal"}
        return bool(self.policy[f"rotation.skip_{skips[spot.doing]}"] == "LOSE")

    def _next(self) -> str | None:
        if self.policy["rotation.order"] == "OPEN_FLOOR":
            return None
        free = (s.name for s in self._ordered(self.rotation) if s.doing == "FREE")
        return next(free, None)

    # Receiving for another (Q7 and its parameters).

    def _for(
        self, owner: str | None, clause: str, why: str, receiver: str | None = None
    ) -> Reception:
        helper = receiver or self._stand_in(owner)
        return Reception(helper, owner, "OBLIGATORY", clause, None, why)

    def _stand_in(self, owner: str | None) -> str | None:
        others = [spot for spot in self.queue if spot.name != owner]
        free = [spot.name for spot in others if spot.doing == "FREE"]
        chosen = self.policy["rotation.obligatory_receiver"]
        if chosen == "MANAGER":
            return MANAGER
        if free and chosen == "QUEUE_TAIL":
            return free[-1]
        if free and chosen == "QUEUE_HEAD":
            return next(s.name for s in self._ordered(others) if s.doing == "FREE")
        fallback = self.policy["rotation.obligatory_fallback"]
        present = [spot.name for spot in others if spot.doing in {"FREE", "BUSY"}]
        if fallback == "QUEUE_HEAD" and present:
            return present[0]
        return None if fallback == "WAIT" else MANAGER
