"""What stories tell of registers: entries, strangers who are named later, corrections."""

from tests.model.narrator import CUSTOMERS, Narrator


class RegisterTales(Narrator):
    """The part of a teller that writes in registers."""

    def _register(self, name: str | None = None) -> None:
        floor = self.model.floor
        name = name or self._some(floor.visits)
        visit = floor.visits.get(name or "")
        # Who has left the company writes in no register; nobody waits in one.
        if (
            visit is None
            or visit.waits
            or visit.owner in floor.gone
            or visit.receiver in floor.gone
        ):
            return
        missing = self.chance.choices(("", " missing=tel", " missing=name"), (20, 1, 1))[0]
        self._say(f"reg {name}{missing}{self._given_late(str(name))}")

    def _given_late(self, name: str) -> str:
        """Who said nothing at the door gives his number now; at times it is a buyer's."""
        known = self.model.floor.visits[name].person is not None
        if known and self.chance.random() < 0.95:
            return ""
        whose, sales = self.model.customer_of[name], self.model.sales
        if sales and self.chance.random() < 0.3:
            whose = self.model.customer_of[self.chance.choice(list(sales))]
        return self._maybe(0.9, f" tel={self._tel(whose)}")

    def _say_he_is(self, name: str, buyer: str) -> None:
        """A register says that a visitor is the buyer: by his number, or by a correction."""
        visit = self.model.floor.visits[name]
        if visit.waits or visit.owner not in self._reps():
            return
        if visit.person is None:
            self._say(f"reg {name} tel={self._tel(buyer)}")
        else:
            self._say(f"correct {visit.owner} {self.model.customer_of[name]} to={buyer}")

    def _correct(self) -> None:
        """Mostly of somebody he has met, for others he cannot see."""
        found = self._written()
        if found is None:
            return
        floor, faces = self.model.floor, self.model.faces
        met = [one for one, persons in faces.items() if found[0] in floor.met_by(persons[0])]
        whom = self.chance.choices(("", self._some(met) or "", self._some(CUSTOMERS)), (3, 5, 2))[0]
        self._say(f"correct {found[0]} {found[1]}" + (f" to={whom}" if whom else ""))

    def _written(self) -> tuple[str, str] | None:
        """Somebody's register, and a customer who may stand in it."""
        found = self._some(self.model.books.entries)
        if found is None or found.rep in self.model.floor.gone:
            return None
        for customer, persons in self.model.faces.items():
            if found.person in persons:
                return found.rep, customer
        return None

    def _follow(self) -> None:
        found = self._written()
        if found:
            self._say(f"follow {found[0]} {found[1]}{self._maybe(0.25, ' ok=no')}")

    def _window(self) -> None:
        found = self._written()
        if found:
            verb = self.chance.choice(("window", "followsla"))
            self._say(f"{verb} {found[0]} {found[1]}")
