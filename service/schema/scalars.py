"""The API's scalars: one written form each, made and read here and nowhere else.

An id is the record's type, an underscore and its UUID (`visit_0199c2f0-…`). It never holds the
tenant, and one that is malformed or of another type is simply the id of nothing.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NewType
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import strawberry
from graphql import FloatValueNode, GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from service.errors import Expected, InvalidInput, NotFound
from service.identifiers import identifier
from service.money import exponent_of

BigInt = NewType("BigInt", int)
PhoneNumber = NewType("PhoneNumber", str)
CurrencyCode = NewType("CurrencyCode", str)
LocaleTag = NewType("LocaleTag", str)
TimeZone = NewType("TimeZone", str)
EventCursor = NewType("EventCursor", str)
Json = NewType("Json", dict[str, Any])

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:[0-5]\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:[0-5]\d)",
    re.ASCII,
)
_BIG = re.compile(r"-?(0|[1-9]\d{0,18})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,18}(\.\d{1,9})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST = 2**63 - 1
_WIDEST = timedelta(days=1)
# A malformed id is looked up too, as the id of nothing: so it costs what a missing one costs.
NO_ROW = UUID(int=0)
_PHONE_LENGTH = range(3, 41)


class Unfit(GraphQLError):
    """A value that does not have its scalar's written form.

    Attributes:
        refusal: what was expected; its field is known only to who reads the whole input.
    """

    def __init__(
        self, expected: Expected, *, least: int | None = None, most: int | None = None
    ) -> None:
        super().__init__(f"expected {expected}")
        self.refusal = InvalidInput(expected=expected, least=least, most=most)


def make_id(kind: str, row: UUID | str) -> strawberry.ID:
    """Write a record's id."""
    return strawberry.ID(f"{kind}_{row}")


def found_id(text: str, kind: str) -> UUID | None:
    """Read an id of one type of record; None for whatever is not one."""
    prefix, _, rest = text.rpartition("_")
    return identifier(rest) if prefix == kind and _UUID.fullmatch(rest) else None


def split_id(text: str) -> tuple[str, UUID] | None:
    """Read an id of any type: the type's word and the row; None for whatever is not an id."""
    prefix, _, rest = text.rpartition("_")
    return (prefix, identifier(rest)) if prefix and _UUID.fullmatch(rest) else None


def row_id(text: str, kind: str, *field: str) -> UUID:
    """Read an id that a command needs.

    Args:
        text: the id as sent.
        kind: the type of record it must name.
        field: where it stands below `input`, for the refusal.

    Raises:
        NotFound: it is malformed or of another type; the same answer as for a missing record.
    """
    found = found_id(text, kind)
    if found is None:
        raise NotFound(field=("input", *field) if field else ())
    return found


def write_instant(value: object) -> str:
    """Write an instant in UTC with three decimals and `Z`."""
    if not isinstance(value, datetime):
        raise TypeError("an instant is a datetime")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"


def read_instant(value: object) -> datetime:
    """Read RFC 3339 with an offset; what is below a millisecond is cut."""
    match = _INSTANT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Unfit("INSTANT")
    day, clock, fraction, offset = match.groups()
    milliseconds = (fraction or "0")[:3].ljust(3, "0")
    shift = "+00:00" if offset in "Zz" else offset
    try:
        instant = datetime.fromisoformat(f"{day}T{clock}.{milliseconds}{shift}").astimezone(UTC)
        # It must have a day in every zone: twice the widest shift there is stays within the years.
        _ = instant - _WIDEST, instant + _WIDEST
    except (ValueError, OverflowError) as error:
        raise Unfit("INSTANT") from error
    return instant


def _write_day(value: object) -> str:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError("a day is a date")
    return value.isoformat()


def read_day(value: object) -> date:
    """Read a day as it is written, `2026-02-28`.

    Raises:
        Unfit: it is no day.
    """
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise Unfit("DAY")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Unfit("DAY") from error


def _write_time(value: object) -> str:
    if not isinstance(value, time):
        raise TypeError("a local time is a time")
    return value.strftime("%H:%M")


def _read_time(value: object) -> time:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Unfit("TIME_OF_DAY")
    return time.fromisoformat(value)


def _read_big(value: object) -> int:
    if isinstance(value, str) and _BIG.fullmatch(value):
        number = int(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        number = value
    else:
        raise Unfit("BIG_INTEGER")
    if not -_MOST - 1 <= number <= _MOST:
        raise Unfit("BIG_INTEGER")
    return number


def _read_big_literal(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> int:
    if isinstance(node, StringValueNode):
        return _read_big(node.value)
    if isinstance(node, IntValueNode):
        return _read_big(int(node.value))
    raise Unfit("BIG_INTEGER")


def _read_decimal(value: object) -> Decimal:
    text = str(value) if isinstance(value, int | float | str) else ""
    if isinstance(value, bool) or not _DECIMAL.fullmatch(text):
        raise Unfit("DECIMAL")
    return Decimal(text)


def _read_decimal_literal(node: ValueNode, _variables: Mapping[str, Any] | None = None) -> Decimal:
    if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
        return _read_decimal(node.value)
    raise Unfit("DECIMAL")


def _read_phone(value: object) -> str:
    # The site's region is not known here: the command normalises and refuses with a coded error.
    if not isinstance(value, str) or len(value.strip()) not in _PHONE_LENGTH:
        raise Unfit("CHARACTERS", least=_PHONE_LENGTH[0], most=_PHONE_LENGTH[-1])
    return value.strip()


def _read_currency(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value):
        raise Unfit("CURRENCY")
    return value


def _read_event_cursor(value: object) -> str:
    if not isinstance(value, str):
        raise Unfit("TEXT")
    return value


def _read_locale(value: object) -> str:
    if not isinstance(value, str) or not _LOCALE.fullmatch(value):
        raise Unfit("LANGUAGE_TAG")
    return value


def _read_zone(value: object) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Unfit("TIME_ZONE") from error


def _refuse_json(_value: object) -> dict[str, Any]:
    raise Unfit("NOTHING")


def _scalar(
    name: str,
    description: str,
    write: Callable[[Any], Any],
    read: Callable[[Any], Any],
    url: str | None = None,
    *,
    literal: Callable[..., Any] | None = None,
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=write,
        parse_value=read,
        parse_literal=literal,
    )


SCALARS: dict[object, ScalarDefinition] = {
    datetime: _scalar(
        "DateTime",
        "An instant, in UTC with three decimals: `2026-03-02T01:15:30.250Z`. Input takes any"
        " RFC 3339 offset, never a bare local time. Commands take the years 1900 to 2199.",
        write_instant,
        read_instant,
        "https://scalars.graphql.org/andimarek/date-time.html",
    ),
    date: _scalar(
        "Date",
        "A calendar day of the site's time zone: `2026-03-02`. Commands take the years 1900 to"
        " 2199.",
        _write_day,
        read_day,
        "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    ),
    time: _scalar(
        "LocalTime",
        "A time of the site's day: `09:30`.",
        _write_time,
        _read_time,
        "https://www.iso.org/iso-8601-date-and-time-format.html",
    ),
    BigInt: _scalar(
        "BigInt",
        "A 64-bit integer as a string, since JSON numbers lose digits beyond 2^53. Input takes a"
        " string or an integer, never a float.",
        str,
        _read_big,
        "https://www.w3.org/TR/xmlschema11-2/#long",
        literal=_read_big_literal,
    ),
    Decimal: _scalar(
        "Decimal",
        "An exact decimal number as a string, like `12.50`. Input takes a string or a number, at"
        " most 18 digits before the point and 9 after it.",
        str,
        _read_decimal,
        "https://www.w3.org/TR/xmlschema11-2/#decimal",
        literal=_read_decimal_literal,
    ),
    PhoneNumber: _scalar(
        "PhoneNumber",
        "A telephone number. Answers are E.164, like `+8613812345678`; input is normalised with"
        " the site's region.",
        str,
        _read_phone,
        "https://www.itu.int/rec/T-REC-E.164",
    ),
    EventCursor: _scalar(
        "EventCursor",
        "A place in what happened to one company's records, as one of its members may see them."
        " Opaque; good for 24 hours, and until his rights change.",
        str,
        _read_event_cursor,
    ),
    CurrencyCode: _scalar(
        "CurrencyCode",
        "A currency of ISO 4217, like `CNY`.",
        str,
        _read_currency,
        "https://www.iso.org/iso-4217-currency-codes.html",
    ),
    LocaleTag: _scalar(
        "LocaleTag",
        "A language tag of BCP 47: `zh-Hant`, `zh-Hans` or `en`.",
        str,
        _read_locale,
        "https://www.rfc-editor.org/info/bcp47",
    ),
    TimeZone: _scalar(
        "TimeZone",
        "An IANA time zone, like `Asia/Shanghai`.",
        str,
        _read_zone,
        "https://www.iana.org/time-zones",
    ),
    Json: _scalar(
        "JSON",
        "The facts of a decision as they were, for the audit. Nothing else is untyped.",
        dict,
        _refuse_json,
        "https://www.rfc-editor.org/rfc/rfc8259",
    ),
}


@strawberry.type(description="An exact amount: 123456 with exponent 2 is 1,234.56.")
class Money:
    amount_minor: BigInt = strawberry.field(description="The amount in minor units.")
    currency: CurrencyCode = strawberry.field(description="The currency.")
    exponent: int = strawberry.field(description="Decimal places of the currency (ISO 4217).")


@strawberry.input(description="An exact amount in minor units of a currency.")
class MoneyInput:
    amount_minor: BigInt = strawberry.field(description="The amount in minor units.")
    currency: CurrencyCode = strawberry.field(description="The currency.")


@strawberry.type(description="A name in the product's three languages, for those who edit it.")
class LocalizedText:
    en: str | None = strawberry.field(description="English.")
    zh_hant: str | None = strawberry.field(name="zhHant", description="Traditional Chinese.")
    zh_hans: str | None = strawberry.field(name="zhHans", description="Simplified Chinese.")


@strawberry.input(description="A name in the product's three languages; 1 to 200 characters each.")
class LocalizedTextInput:
    en: str = strawberry.field(description="English, at most 2,000 characters.")
    zh_hant: str = strawberry.field(
        name="zhHant", description="Traditional Chinese, at most 2,000 characters."
    )
    zh_hans: str = strawberry.field(
        name="zhHans", description="Simplified Chinese, at most 2,000 characters."
    )

    def by_locale(self) -> dict[str, str]:
        """Return the names as the tables keep them."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}


def money(amount_minor: int | None, currency: str | None) -> Money | None:
    """Make an amount, or None where there is none."""
    if amount_minor is None or currency is None:
        return None
    return Money(
        amount_minor=BigInt(amount_minor),
        currency=CurrencyCode(currency),
        exponent=exponent_of(currency),
    )


def localized(names: Mapping[str, str] | None) -> LocalizedText:
    """Make a name of all languages from the form the tables keep."""
    found = names or {}
    return LocalizedText(
        en=found.get("en"), zh_hant=found.get("zh-Hant"), zh_hans=found.get("zh-Hans")
    )
