"""How a telephone number identifies a customer, and how two can be related (TR-2; 五(五)3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from service.errors import InvalidPhone, Refusals


class RelationKind(StrEnum):
    """How a party is related to another, read from the first to the second."""

    SPOUSE = "spouse"
    PARENT = "parent"
    CHILD = "child"
    SIBLING = "sibling"
    SUPERIOR = "superior"
    SUBORDINATE = "subordinate"
    COLLEAGUE = "colleague"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164, and the extension behind it, if any."""

    number: str
    extension: str | None = None


def phone_of(text: str, region: str, field: tuple[str, ...]) -> Phone:
    """Return a number as somebody wrote it in its one international form.

    Args:
        text: what was written, with or without the country's code.
        region: two-letter country whose plan reads a number without one: the site's.
        field: where in the input it stands, for the refusal.

    Raises:
        InvalidPhone: no plan knows it.
    """
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise InvalidPhone(number=text, field=field) from error
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidPhone(number=text, field=field)
    return Phone(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164), parsed.extension or None
    )


def phones_of(
    texts: Iterable[str], region: str, field: tuple[str, ...] = ("input", "phones")
) -> tuple[Phone, ...]:
    """Return several numbers of one person, each once, in the order given.

    Raises:
        Refusals: one InvalidPhone for every number that no plan knows.
    """
    found: dict[str, Phone] = {}
    refused: list[InvalidPhone] = []
    for position, text in enumerate(texts):
        try:
            phone = phone_of(text, region, (*field, str(position)))
            found.setdefault(phone.number, phone)
        except InvalidPhone as refusal:
            refused.append(refusal)
    if refused:
        raise Refusals(refused)
    return tuple(found.values())
