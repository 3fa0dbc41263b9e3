"""Random stories: days of arrivals, calls, follow-ups, deals and claims, plausible and nasty.

Every number a customer gives is his own and of this story alone, so that many stories can be
played in one tenant. The second showroom plays along, so that a tale knows what there is to do.
"""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tests.model.narrator import CUSTOMERS, KINDS, UNITS
from tests.model.showroom import REPS, read_line
from tests.model.tales_of_registers import RegisterTales

CHOICES: Mapping[str, tuple[Any, ...]] = {
    "rotation.order": ("SIGN_IN", "SIGN_IN", "FEWEST_NEW", "WEIGHTED", "OPEN_FLOOR"),
    "rotation.capacity_per_day": (0, 0, 1, 2),
    "rotation.skip_busy": ("KEEP", "LOSE"),
    "rotation.skip_away_business": ("KEEP", "LOSE"),
    "rotation.skip_away_personal": ("KEEP", "LOSE"),
    "rotation.all_busy": ("DOUBLE", "WAIT", "MANAGER"),
    "rotation.named_consumes_turn": (False, True, "IF_COINCIDES"),
    "rotation.survey_consumes_turn": (True, False),
    "rotation.obligatory_receiver": ("QUEUE_TAIL", "QUEUE_HEAD", "MANAGER", "BUDDY"),
    "rotation.obligatory_fallback": ("MANAGER", "QUEUE_HEAD", "WAIT"),
    "named.evidence": ("PHONE_OR_REFERRAL", "ANY", "NONE"),
    "named.must_be_call_taker": (False, True),
    "named.busy": ("OBLIGATORY_TAIL", "WAIT"),
    "named.away": ("AS_BUSY", "AS_OFF_DUTY"),
    "named.off_duty": ("NEW", "OBLIGATORY"),
    "returning.customer_choice": ("EARLIEST", "CUSTOMER"),
    "returning.busy_owner": ("OBLIGATORY", "WAIT", "ROTATION"),
    "returning.lapsed": ("EARLIEST_IF_FREE", "ROTATION"),
    "returning.unconfirmed_claim_days": (0, 2, 5),
    "referral.unnamed": ("NEW", "REFERRER_OWNER"),
    "offday.owner": ("ROTATION_HEAD", "COMPANY", "RECEIVER"),
    "phone.creates_registration": (False, True),
    "phone.registration_days": (1, 15),
    "phone.max_rings": (1, 3),
    "phone.max_seconds": (60, 240),
    "register.match": ("PHONE", "EITHER", "ID_CARD", "FACE"),
    "register.deadline": ("END_OF_RECEPTION_DAY", "MINUTES", "NONE"),
    "register.deadline_minutes": (10, 60),
    "tracking.days": (1, 3, 7, 10),
    "tracking.renewal": ("ON_FOLLOWUP", "FIXED"),
    "tracking.max_total_days": (0, 4, 8),
    "tracking.effective_only": (False, True),
    "tracking.test_event": ("CLOSING_VISIT", "FIRST_WITH_CLOSER"),
    "followup.first_due_days": (1, 3),
    "claim.days": (0, 2, 3, 7),
    "claim.exclude_start_day": (True, False),
    "claim.deal_event": ("SUBSCRIPTION", "PROVISIONAL", "CONTRACT"),
    "claim.tie_break": ("EARLIEST_REGISTRATION", "FIRST_TO_FILE"),
    "claim.split_owner": (100, 50, 60, 0),
    "obligatory.credit_split": (100, 50, 30),
    "merge.family": (("spouse", "parent", "child"), ("spouse", "sibling"), ("parent",)),
    "merge.company": (("superior", "subordinate"), ("colleague",), ("superior",)),
    "merge.order_by": ("ENTRY", "RECEPTION"),
    "visit.group_policy": ("SEPARATE", "SHARE_REP", "SHARE_REP"),
    "merge.same_unit": (True, False),
    "tamper.scope": ("WHOLE_REGISTER", "ENTRY", "PERIOD"),
    "dispute.customers": (True, True, False),
    "dispute.private_until": ("END_OF_DAY", "HOURS"),
    "dispute.private_hours": (1, 30),
    "dispute.allow_manager_split": (False, True),
    "dispute.company_requires_aggravated": (True, False),
    "dispute.appeal": ("REGIONAL_MANAGER", "NONE", "REGIONAL_MANAGER"),
    "dispute.appeal_days": (1, 3),
    "deal.first": (True, False),
}


def random_policy(chance: random.Random) -> dict[str, Any]:
    """Some parameters changed, from none to every other."""
    names = chance.sample(sorted(CHOICES), chance.choice((0, 1, 3, 6, 9, 12, 16, 20)))
    if chance.random() < 0.5:
        # A whole chain of events hangs on it, which a change among forty would seldom begin.
        names.append("dispute.appeal")
    return {name: chance.choice(CHOICES[name]) for name in names}


class Teller(RegisterTales):
    """Tells one story, step by step."""

    def tell(self, length: int) -> list[str]:
        self._morning()
        verbs: list[tuple[int, Callable[[], None]]] = [
            (34, self._arrive),
            (16, self._leave),
            (16, self._register),
            (9, self._follow),
            (8, self._deal),
            (12, self._claim),
            (3, self._rivals),
            (3, self._mistaken),
            (3, self._correct),
            (5, self._next_day),
            (4, self._away),
            (4, self._back),
            (6, self._call),
            (3, self._link),
            (4, self._take),
            (2, self._name),
            (2, self._expose),
            (3, self._reassign),
            (5, self._quarrel),
            (7, self._speak),
            (4, self._credit),
            (2, self._window),
            (2, self._sign),
            (2, self._tamper),
            (1, self._resign),
        ]
        weights = [weight for weight, _ in verbs]
        while len(self.steps) < length:
            (verb,) = self.chance.choices([one for _, one in verbs], weights)
            verb()
            if self.chance.random() < 0.8:
                self.at += timedelta(minutes=self.chance.randint(1, 25))
            if self.at.hour >= 23:
                self._next_day()
        self._close()
        return self.steps

    # Days.

    def _morning(self) -> None:
        team = self.chance.sample(self._reps(), self.chance.randint(1, min(4, len(self._reps()))))
        off = [name for name in self._reps() if name not in team]
        if self.chance.random() < 0.15:
            self._say(f"signin_same {' '.join(team)}")
        else:
            self._say(f"signin {' '.join(team)}")
        if off and self.chance.random() < 0.3:
            self._say(f"dayoff {self.chance.choice(off)}")

    def _next_day(self) -> None:
        if self.chance.random() < 0.1 and self._here():
            # Somebody stays until after midnight.
            self.at = self.at.replace(hour=0, minute=10) + timedelta(days=1)
            self._say(f"leave {self._some(self.model.floor.visits)}")
        days = self.chance.choice((1, 1, 1, 2, 2, 3, 5, 8))
        self.at = self.at.replace(hour=8, minute=30) + timedelta(days=days)
        self._morning()

    def _sign(self) -> None:
        verb = self.chance.choice(("signin", "signin", "signout", "dayoff"))
        self._say(f"{verb} {self.chance.choice(self._reps())}")

    def _away(self) -> None:
        name = self._some(self.model.floor.order)
        if name:
            self._say(f"away {name} reason={self.chance.choice(('business', 'personal'))}")

    def _back(self) -> None:
        name = self._some(self.model.floor.order)
        if name:
            self._say(f"back {name}")

    # Visitors.

    def _arrive(self) -> None:
        customer = self.chance.choice(CUSTOMERS)
        tel = "-" if self.chance.random() < 0.05 else self._tel(customer)
        parts = [f"arrive {self._fresh('v')} cust={customer} tel={tel}"]
        parts += self._shown(customer)
        parts.append(self._maybe(0.2, "said=old"))
        way, named = self.chance.random(), 0.2
        if way < 0.2:
            customer_called = any(phone in self.numbers[customer] for phone, _ in self._calls())
            parts.append("via=phone")
            named = 0.7 if customer_called else 0.2
        elif way < 0.4:
            known = [one for one in CUSTOMERS if one in self.model.faces and one != customer]
            parts.append(f"via=ref ref={self.chance.choice(known or CUSTOMERS)}")
            named = 0.5
        parts.append(self._maybe(named, f"names={self.chance.choice(REPS)}"))
        parts.append(self._maybe(0.25, f"unit={self.chance.choice(UNITS)}"))
        friend = self._some(self._here())
        if friend and self.chance.random() < 0.15:
            parts.append(f"with={friend}")
        survey = self.chance.random()
        if survey < 0.06:
            parts.append(f"survey={'declared' if survey < 0.03 else 'suspected'}")
        off = [name for name in self._reps() if name not in self.model.floor.order]
        if off and self.chance.random() < 0.1:
            parts.append(f"taken_by={self.chance.choice(off)}")
        self._say(" ".join(part for part in parts if part))
        if self.chance.random() < 0.45:
            self._register(f"v{self.counts['v']}")

    def _shown(self, customer: str) -> list[str]:
        """What he shows besides his numbers, mostly where it matters; at times another's."""
        often = 0.7 if self.model.policy["register.match"] in {"ID_CARD", "FACE"} else 0.1
        whose = customer if self.chance.random() < 0.9 else self.chance.choice(CUSTOMERS)
        own = self.numbers[whose][0]
        return [self._maybe(often, f"card={own}"), self._maybe(often, f"face=f{own}")]

    def _calls(self) -> list[tuple[str, str]]:
        return self.model.floor.calls

    def _rivals(self) -> None:
        """One customer comes under two numbers, to two reps perhaps, and then to buy."""
        customer = self.chance.choice(CUSTOMERS)
        first, second = self.chance.sample(self.numbers[customer], 2)
        for tel in (first, second, self.chance.choice((first, second, f"{first},{second}"))):
            name = self._fresh("v")
            shown = " ".join(("", *filter(None, self._shown(customer))))
            said = self._maybe(0.3, " said=old")
            self._say(f"arrive {name} cust={customer} tel={tel}{shown}{said}")
            self._register(name)
            self.at += timedelta(minutes=self.chance.randint(1, 20))
            if self.chance.random() < 0.4:
                self._next_day()
            elif self.chance.random() < 0.4:
                self._leave()
        self._sell(f"v{self.counts['v']}")
        for _ in range(2):
            self._claim()

    def _mistaken(self) -> None:
        """A stranger comes, somebody else signs, and a register says that they are one."""
        stranger, buyer = self.chance.sample(CUSTOMERS, 2)
        first, closing = self._fresh("v"), self._fresh("v")
        self._say(f"arrive {first} cust={stranger} tel=-")
        self._say(f"arrive {closing} cust={buyer} tel={self._tel(buyer)}")
        if self.chance.random() < 0.3:
            self._register(first)
        if self.chance.random() < 0.5:
            self._register(closing)
        told_before = self.chance.random() < 0.3
        for told in (told_before, not told_before):
            if told:
                self._say_he_is(first, buyer)
            else:
                self._sell(closing)
            self.at += timedelta(minutes=self.chance.randint(1, 9))
        keeper = self.model.floor.visits[first].owner
        for vouched in ("", " vouched=yes"):
            if keeper in self._reps() and self.chance.random() < 0.7:
                self._say(f"claim d{self.counts['d']} by={keeper}{vouched}")

    def _leave(self) -> None:
        name = self._some(self._here())
        if name:
            self._say(f"leave {name}")

    def _take(self) -> None:
        name, queued = self._some(self._here()), self.model.floor.order
        rep = self.chance.choice(queued if queued and self.chance.random() < 0.9 else self._reps())
        waiting = [n for n in self._here() if self.model.floor.visits[n].waits]
        if waiting and self.chance.random() < 0.7:
            name = self.chance.choice(waiting)
        if name is None or self.chance.random() < 0.2:
            self._say(f"take unseen by={rep} cust={self.chance.choice(CUSTOMERS)}")
        else:
            customer = self.model.customer_of[name]
            self._say(f"take {name} by={rep} cust={customer}")

    def _name(self) -> None:
        name = self._some(self._here())
        if name:
            self._say(f"name {name} names={self.chance.choice(self._reps())}")

    def _reassign(self) -> None:
        """Mostly to somebody who is there, or whose customer he is."""
        visits, here = self.model.floor.visits, self._here()
        name = self._some(here if self.chance.random() < 0.9 else visits)
        if name is None:
            return
        usual = [*self.model.floor.order, visits[name].owner]
        present = [rep for rep in usual if rep in self._reps()]
        to = self.chance.choice(present or self._reps())
        if self.chance.random() < 0.1:
            to = self.chance.choice(self._reps())
        self._say(f"reassign {name} to={to}")

    def _expose(self) -> None:
        name = self._some(self._here())
        if name:
            self._say(f"expose {name}{self._maybe(0.2, ' admits=no')}")

    def _call(self) -> None:
        customer = self.chance.choice(CUSTOMERS)
        by, tel = self.chance.choice(self._reps()), self.numbers[customer][0]
        named = self._maybe(0.6, f" cust={customer}")
        measured = self._maybe(0.5, f" rings={self.chance.randint(1, 4)}")
        measured += self._maybe(0.5, f" secs={self.chance.choice((30, 60, 61, 200, 241))}")
        self._say(f"call {self._fresh('k')} tel={tel} by={by}{named}{measured}")

    # Relations and results.

    def _link(self) -> None:
        one, other = self.chance.sample(CUSTOMERS, 2)
        unit = self._maybe(0.8, f" unit={self.chance.choice(UNITS)}")
        self._say(f"link {one} {other} rel={self.chance.choice(KINDS)}{unit}{self._recorder()}")

    def _recorder(self) -> str:
        return self._maybe(0.5, f" by={self.chance.choice(self._reps())}")

    def _kin_found(self, deal: str) -> None:
        """Somebody who has another customer says, after the signing, that he is the buyer's kin."""
        buyer = self.model.customer_of[deal]
        found = self._written()
        if found and found[1] != buyer:
            unit = self.model.sales[deal].unit
            wanted = f" unit={unit}" if unit else ""
            kind = self.chance.choice(("spouse", "parent", "child"))
            by = self._maybe(0.8, f" by={found[0]}")
            self._say(f"link {found[1]} {buyer} rel={kind}{wanted}{by}")
            for vouched in ("", " vouched=yes"):
                if self.chance.random() < 0.7:
                    self._say(f"claim {deal} by={found[0]}{vouched}")

    def _deal(self) -> None:
        floor = self.model.floor
        unsold = [name for name, visit in floor.visits.items() if not visit.sold]
        self._sell(self._some(unsold if self.chance.random() < 0.9 else floor.visits))

    def _sell(self, name: str | None) -> None:
        floor = self.model.floor
        visit = floor.visits.get(name or "")
        if visit is None or visit.waits or {visit.receiver, visit.owner} & floor.gone:
            return
        unit = self._maybe(0.7, f" unit={self.chance.choice(UNITS)}")
        prov = self._maybe(0.2, f" prov={visit.arrived:%m-%d}")
        self._say(f"deal {self._fresh('d')} visit={name}{unit}{prov}")

    def _claim(self) -> None:
        deal = self._some(self.model.sales)
        if deal and self.chance.random() < 0.15:
            self._kin_found(deal)
        elif deal:
            vouched = self._maybe(0.1, " vouched=yes")
            self._say(f"claim {deal} by={self._claimant(deal)}{vouched}")

    def _claimant(self, deal: str) -> str:
        """Most who claim have the customer, or a relative of his, in their registers."""
        faces, gone = self.model.faces, self.model.floor.gone
        persons = {self.model.sales[deal].person, *faces[self.model.customer_of[deal]]}
        for one, other, *_ in self.model.books.relations:
            if {one, other} & persons:
                persons |= {one, other}
        entries = self.model.books.entries
        with_entry = [e.rep for e in entries if e.person in persons and e.rep not in gone]
        usual = with_entry if self.chance.random() < 0.8 else []
        return self.chance.choice(usual or self._reps())

    def _quarrel(self) -> None:
        deal = self._some(self.model.sales)
        if self.model.faces and (deal is None or self.chance.random() < 0.5):
            self._quarrel_over_customer()
            return
        if deal is None:
            return
        sale = self.model.sales[deal]
        sides = [sale.owner or sale.closer, self._claimant(deal)]
        two = [one for one in dict.fromkeys(sides) if one in self._reps()]
        two += [one for one in self._reps() if one not in two]
        self.chance.shuffle(two[:2])
        self._quarrel_over(f"deal={deal}", two)

    def _quarrel_over_customer(self) -> None:
        """Mostly one of the two has him; some days later he may come and buy."""
        customer = self.chance.choice(list(self.model.faces))
        person = self.model.faces[customer][0]
        visits = self.model.floor.visits.values()
        having = [entry.rep for entry in self.model.books.entries if entry.person == person]
        having += [str(v.owner) for v in visits if v.person == person]
        reps = self._reps()
        two = list(dict.fromkeys(one for one in having if one in reps))[-2:]
        two += self.chance.sample([one for one in reps if one not in two], 2)
        self._quarrel_over(f"cust={customer}", two)
        if self.chance.random() < 0.5:
            tel = self._tel(customer)
            self._say(f"arrive {self._fresh('v')} cust={customer} tel={tel}")
            self._register(f"v{self.counts['v']}")
            self._sell(f"v{self.counts['v']}")

    def _quarrel_over(self, what: str, two: list[str]) -> None:
        name = self._fresh("x")
        self._say(f"dispute {name} {what} between={two[0]},{two[1]}")
        for _ in range(self.chance.choice((0, 1, 2, 4, 5)) if name in self.model.quarrels else 0):
            self._speak(name)
            self.at += timedelta(minutes=self.chance.randint(1, 30))
            if self.chance.random() < 0.35:
                self._next_day()

    def _speak(self, name: str | None = None) -> None:
        """Somebody says something in a dispute: mostly who may, mostly what fits."""
        name = name or self._some(self.model.quarrels)
        if name is None:
            return
        one = self.model.quarrels[name]
        sides = [side for side in (one.first, one.second) if side in self._reps()]
        phase = one.phase(self.at)
        usual = {"PRIVATE": "agree", "MANAGER": "decide", "DECIDED": "appeal", "APPEAL": "decide"}
        verb = usual.get(phase, "dstatus")
        if self.chance.random() < 0.25:
            verb = self.chance.choice(("agree", "escalate", "decide", "appeal", "dstatus"))
        to = self._some((one.first, one.second, "COMPANY", f"{one.first}:60+{one.second}:40"))
        if verb == "decide":
            boss = "Region" if phase == "APPEAL" else "Mei"
            by = boss if self.chance.random() < 0.9 else self.chance.choice(self._reps())
            self._say(f"decide {name} by={by} to={to}{self._maybe(0.5, ' aggravated=yes')}")
        elif verb == "dstatus":
            self._say(f"dstatus {name}")
        elif sides:
            by = self.chance.choice(sides if self.chance.random() < 0.9 else self._reps())
            wished = one.wishes.get(one.second if by == one.first else one.first)
            if wished is not None and not isinstance(wished, str) and self.chance.random() < 0.6:
                to = "+".join(f"{who}:{part}" for who, part in wished.items())
            self._say(f"{verb} {name} by={by}" + (f" to={to}" if verb == "agree" else ""))

    def _credit(self) -> None:
        deal = self._some(self.model.sales)
        if deal:
            verb = self.chance.choice(("credit", "cancel", "contracted"))
            self._say(f"{verb} {deal}")
            quarrel = self.model.sales[deal].quarrel
            for name, one in self.model.quarrels.items():
                if one is quarrel and verb == "cancel":
                    self._say(f"dstatus {name}")

    def _tamper(self) -> None:
        if self.chance.random() < 0.4:
            return
        entries = self.model.books.entries
        kept = [entry.rep for entry in entries if entry.rep not in self.model.floor.gone]
        found = self._written() if self.chance.random() < 0.6 else None
        if found:
            self._say(f"tamper {found[0]} cust={found[1]}")
        else:
            self._say(f"tamper {self.chance.choice(kept or self._reps())}")
        if self.model.sales:
            self._claim()

    def _resign(self) -> None:
        if self.chance.random() < 0.25 and len(self._reps()) > 3:
            self._say(f"resign {self.chance.choice(self._reps())}")

    def _close(self) -> None:
        """Look at everything that is left, now and when all windows of claims are over."""
        self._say("queue")
        for _ in range(3):
            self._window()
        for deal in self.model.sales:
            self._say(f"credit {deal}")
        if self.model.sales:
            self.at = self.at.replace(hour=0, minute=0) + timedelta(days=9)
            self._say(f"credit {next(iter(self.model.sales))}")


def tale(seed: str, policy: Mapping[str, Any], number: int, length: int = 26) -> list[str]:
    """Tell a story; the same seed tells the same."""
    chance = random.Random(seed)  # noqa: S311 - it tells stories, it keeps no secret
    return Teller(chance, policy, number).tell(length)


__all__ = ["random_policy", "read_line", "tale"]
