"""Whose visits are in a replay, once corrections have given some to other customers (五(四)5)."""

from collections.abc import Sequence

from service.replay.history import NONE, Visits


class Visitors:
    """The customers of a replay's visits."""

    def __init__(self, visits: Visits) -> None:
        self._visits = visits
        self._moved: dict[int, int] = {}

    def move(self, visit: int, party: int) -> None:
        """Give a visit to another customer."""
        self._moved[visit] = party

    def of(self, visit: int) -> int:
        """Return whose a visit is now."""
        return self._moved.get(visit, self._visits.party[visit])

    def named_at(self, visit: int, party: int, at: int, *, corrected: bool) -> int:
        """Return since when it is an entry's word alone that a visit was its customer's.

        Args:
            visit: NONE for a call.
            party: whose the entry is.
            at: when it was made.
            corrected: it was made from an entry of another customer.

        Returns:
            0 where the reception knew him.
        """
        recognised = () if visit == NONE else self._visits.parties_of.get(visit, ())
        known = visit != NONE and party == self._visits.party[visit]
        if known or party in recognised:
            named = self._visits.met_later.get(visit, 0)
            return at if named and corrected else named
        return at if corrected or visit != NONE else 0

    def visits_of(self, came: Sequence[int], party: int) -> Sequence[int]:
        """Return a customer's visits: those he came in that are his yet, and what was moved."""
        if not self._moved:
            return came
        his = {visit for visit in came if self.of(visit) == party}
        his.update(visit for visit, whose in self._moved.items() if whose == party)
        return sorted(his)
