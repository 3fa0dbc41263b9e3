"""The one rule of rounding: half up, away from zero on both sides (I6, Q34). Pure."""

from fractions import Fraction


def rounded(value: Fraction) -> int:
    """Round half up, away from zero on both sides, to whole units."""
    half_up = int((abs(value) * 2 + 1) // 2)
    return -half_up if value < 0 else half_up


def shown(value: Fraction, decimals: int = 2) -> str:
    """Write a value for people, rounded to so many decimals."""
    scale = 10**decimals
    whole = rounded(value * scale)
    units, rest = divmod(abs(whole), scale)
    sign = "-" if whole < 0 else ""
    return f"{sign}{units}.{rest:0{decimals}}" if decimals else f"{sign}{units}"
