"""Exact amounts: whole minor units of a currency, and exact shares of them. Pure."""

from collections.abc import Mapping, Sequence

BASIS_POINTS = 10_000

# ISO 4217: currencies whose minor unit is not a hundredth.
_USUAL_EXPONENT = 2
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3}


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
    divided = [divmod(total_minor * weight, whole) for weight in weights]
    parts = [part for part, _ in divided]
    missing = total_minor - sum(parts)
    if missing:
        # Sorting keeps the order of equals, so the earlier part comes first.
        order = [(-rest, -weight) for (_, rest), weight in zip(divided, weights, strict=True)]
        for index in sorted(range(len(order)), key=order.__getitem__)[:missing]:
            parts[index] += 1
    return parts
