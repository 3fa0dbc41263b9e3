"""Exact amounts: whole minor units of a currency, and exact shares of them. Pure."""

from collections.abc import Mapping, Sequence

BASIS_POINTS = 10_000

MOST_MINOR = 10**15
"""What one price may come to at most, in minor units: beyond it a digit was typed too often."""

# ISO 4217: what is money in use somewhere; funds, metals, tests and no currency are not.
_CODES = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD "
    "BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB "
    "EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK "
    "JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA "
    "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK "
    "PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV "
    "WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG "
)
_IN_USE = frozenset(_CODES.split())
# Those whose minor unit is not a hundredth.
_USUAL_EXPONENT = 2
_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3)


def is_currency(code: str) -> bool:
    """Tell whether a code is of a currency in use (ISO 4217)."""
    return code in _IN_USE


def exponent_of(currency: str) -> int:
    """Return the decimal places of a currency (ISO 4217)."""
    return _EXPONENTS.get(currency, _USUAL_EXPONENT)


def exponents() -> tuple[Mapping[str, int], int]:
    """Return the currencies with other decimal places than most, and the places of those."""
    return _EXPONENTS, _USUAL_EXPONENT


def spread(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount so that the parts sum to it exactly (targets page 4.2).

    Largest remainder: equal remainders go to the larger weight, then to the earlier part; if every
    weight is 0 the parts are equal. A negative total is the negated spread of its absolute value.

    Raises:
        ValueError: a weight is negative, or there is no part to take the amount.
    """
    if not weights or min(weights) < 0:
        raise ValueError("weights are not negative, and there is at least one")
    if total_minor < 0:
        return [-part for part in spread(-total_minor, weights)]
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    ideals = [total_minor * weight for weight in weights]
    parts = [ideal // whole for ideal in ideals]
    missing = total_minor - sum(parts)
    if missing:
        # One number for rest and weight, for a weight is no more than the whole. Sorting keeps the
        # order of equals, so the earlier part comes first.
        scale = whole + 1
        order = [
            ideal % whole * scale + weight for ideal, weight in zip(ideals, weights, strict=True)
        ]
        for index in sorted(range(len(order)), key=order.__getitem__, reverse=True)[:missing]:
            parts[index] += 1
    return parts
