"""Records that a permission of another name lets be seen."""

from dataclasses import dataclass

from service.policies.access import RecordColumns


@dataclass(frozen=True, slots=True)
class Lent:
    """A permission by which some rows of a type are seen besides those of its own action.

    Attributes:
        when: SQL over `t`: which rows.
        scope: where these have what the permission asks for.
    """

    action: str
    when: str
    scope: RecordColumns
