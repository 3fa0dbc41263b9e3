"""What the second showroom answers in disputes, and of what becomes of a deal."""

from collections.abc import Callable
from datetime import datetime

from tests.model.books import Sale
from tests.model.customers import Customers
from tests.model.floor import Floor
from tests.model.quarrels import HANDOVER, Quarrel, award_of, opened
from tests.model.tables import Policy
from tests.model.telling import Answers, Line


class Disputes:
    """The verbs of disputes, and of deals afterwards, as a part of the showroom with its names."""

    policy: Policy
    floor: Floor
    customers: Customers
    faces: dict[str, list[int]]
    sales: dict[str, Sale]
    quarrels: dict[str, Quarrel]
    sequence: int

    def on_cancel(self, line: Line) -> Answers:
        sale = self.sales.get(line.words[0])
        if sale is None or sale.cancelled:
            why = "NOT_FOUND" if sale is None else "DEAL_IS_CANCELLED"
            return {"res": "REJECTED", "why": why}
        sale.cancelled, self.floor.visits[sale.visit].sold = True, False
        if sale.quarrel is not None and sale.quarrel.phase(self.floor.now) != "OVER":
            sale.quarrel.cancelled = True
        return {"res": "OK", "why": "-"}

    def on_contracted(self, line: Line) -> Answers:
        sale = self.sales.get(line.words[0])
        why = "NOT_FOUND" if sale is None else sale.contract(self.floor.now.date())
        return {"res": "REJECTED" if why else "OK", "why": why or "-"}

    def on_dispute(self, line: Line) -> Answers:
        two, now = line.options["between"].split(","), self.floor.now
        if "cust" in line.options:
            quarrel = self.customers.dispute(self.faces[line.options["cust"]][0], two)
        else:
            sale = self.sales.get(line.options["deal"])
            if sale is None:
                return {"res": "-", "status": "-"}
            free = sale.quarrel is None and not sale.final(now) and not sale.cancelled
            quarrel = opened(self.policy, two, now) if free else None
            sale.quarrel = sale.quarrel or quarrel
        if quarrel is None:
            return {"res": "REJECTED", "status": "-"}
        self.quarrels[line.words[0]] = quarrel
        return {"res": "OK", "status": quarrel.status(now)}

    def on_agree(self, line: Line) -> Answers:
        return self._in_quarrel(
            line, lambda one, by, now: one.want(by, award_of(line.options["to"]), now)
        )

    def on_escalate(self, line: Line) -> Answers:
        return self._in_quarrel(line, lambda one, by, now: one.want(by, HANDOVER, now))

    def on_decide(self, line: Line) -> Answers:
        bad, award = line.options.get("aggravated") == "yes", award_of(line.options["to"])
        return self._in_quarrel(
            line, lambda one, by, now: one.decide(by, award, now, self.policy, bad=bad)
        )

    def on_appeal(self, line: Line) -> Answers:
        return self._in_quarrel(line, lambda one, by, now: one.appeal(by, now))

    def on_dstatus(self, line: Line) -> Answers:
        return self._in_quarrel(line, lambda _one, _by, _now: "OK")

    def _in_quarrel(self, line: Line, speak: Callable[[Quarrel, str, datetime], str]) -> Answers:
        one, now = self.quarrels.get(line.words[0]), self.floor.now
        if one is None:
            return {"res": "-", "status": "-"}
        before = one.award, one.settled, one.final_word
        res = speak(one, line.options.get("by", "Mei"), now)
        if (one.award, one.settled, one.final_word) != before:
            self.sequence += 1
            self.customers.award(one, self.sequence)
        return {"res": res, "status": one.status(now)}
