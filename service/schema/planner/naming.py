"""Records that are somebody's own because a line of another table names him beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

from service.database.tables import SCHEMA, Table


@dataclass(frozen=True, slots=True)
class Naming:
    """A table that names members beside a type's records, which are thereby their own too.

    Attributes:
        table: has a line for each of them, found by `member_id`.
        record: its column with the record's key.
        orders: for an order of the type over `t`: its column that has the same.
    """

    table: type[Table]
    record: str
    orders: Mapping[str, str]

    @property
    def whole(self) -> str:
        """Return the table's name."""
        return f"{SCHEMA}.{self.table.__tablename__}"

    def joined(self, alias: str) -> str:
        """Write what gives each row `t` an `owner_id` under a name: the caller if he is named."""
        return (
            f" CROSS JOIN LATERAL (SELECT CASE WHEN EXISTS (SELECT FROM {self.whole} m"
            f" WHERE m.tenant_id = $1 AND m.member_id = {{me}} AND m.{self.record} = t.id)"
            f" THEN {{me}} END AS owner_id) {alias}"
        )
