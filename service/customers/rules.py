"""How a telephone number identifies a customer, and how two can be related (TR-2; 五(五)3)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Final, NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat

from service.errors import InvalidInput, InvalidPhone, Refusal, Refusals


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
    """A number in E.164, and the extension behind it, if any.

    Attributes:
        position: where it stands among the numbers that were given.
    """

    number: str
    extension: str | None = None
    position: int = field(default=0, compare=False)


# How an extension is written behind a number in Chinese: 分機 12, 转 12.
_EXTENSION_WORDS: Final = "分機|分机|轉|转"
_CHINESE_EXTENSION: Final = re.compile(rf"\s*(?:{_EXTENSION_WORDS})\s*[:：]?\s*(?=\d{{1,7}}\s*$)")
_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST_CODE: Final = 3


class _Mobiles(NamedTuple):
    """What a country's plan says of its mobile numbers, behind the country's code."""

    national: re.Pattern[str]
    mobile: re.Pattern[str]
    dialled: re.Pattern[str]
    """What may stand before a number as it is dialled, and is no part of it."""


@cache
def _mobiles(code: int) -> _Mobiles | None:
    """Return the mobile numbers of a code that one country has to itself."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    plan = PhoneMetadata.metadata_for_region(regions[0]) if len(regions) == 1 else None
    if plan is None or plan.general_desc is None or plan.mobile is None:
        return None
    national, mobile = plan.general_desc.national_number_pattern, plan.mobile
    if not national or not mobile.national_number_pattern:
        return None
    return _Mobiles(
        re.compile(national),
        re.compile(mobile.national_number_pattern),
        re.compile(plan.national_prefix_for_parsing or "0"),
    )


def _is_mobile(text: str) -> bool:
    """Tell whether a text is a mobile number in its one international form already.

    Most are, as devices send them, and the library takes nine times as long to read one: it
    looks for everything that people write. What is not plainly one is left to it.
    """
    if _INTERNATIONAL.fullmatch(text) is None:
        return False
    for end in range(2, 2 + _LONGEST_CODE):
        code = int(text[1:end])
        if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
            known, rest = _mobiles(code), text[end:]
            return (
                known is not None
                and not rest.startswith("0")
                and known.dialled.match(rest) is None
                and known.national.fullmatch(rest) is not None
                and known.mobile.fullmatch(rest) is not None
            )
    return False


def phone_of(text: str, region: str, at: tuple[str, ...]) -> Phone:
    """Return a number as somebody wrote it in its one international form.

    Args:
        text: what was written, with or without the country's code.
        region: two-letter country whose plan reads a number without one: the site's.
        at: where in the input it stands, for the refusal.

    Raises:
        InvalidPhone: no plan knows it.
    """
    if _is_mobile(text):
        return Phone(text)
    try:
        parsed = phonenumbers.parse(_CHINESE_EXTENSION.sub(" ext. ", text), region)
    except NumberParseException as error:
        raise InvalidPhone(number=text, field=at) from error
    if not phonenumbers.is_valid_number(parsed):
        raise InvalidPhone(number=text, field=at)
    return Phone(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164), parsed.extension or None
    )


def phones_of(
    texts: Iterable[str], region: str, at: tuple[str, ...] = ("input", "phones")
) -> tuple[Phone, ...]:
    """Return several numbers of one person, each once, in the order given.

    Raises:
        Refusals: InvalidPhone for every number that no plan knows, InvalidInput for a number that
            is given again with another extension: one number has one.
    """
    found: dict[str, Phone] = {}
    refused: list[Refusal] = []
    for position, text in enumerate(texts):
        place = (*at, str(position))
        try:
            phone = replace(phone_of(text, region, place), position=position)
        except InvalidPhone as refusal:
            refused.append(refusal)
            continue
        if found.setdefault(phone.number, phone) != phone:
            refused.append(InvalidInput(field=place, expected="EACH_ONCE"))
    if refused:
        raise Refusals(refused)
    return tuple(found.values())
