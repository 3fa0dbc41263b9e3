"""Bars and bullets as SVG that stretches to the width it is given: a few shapes, and no library.

A charting library would bring a hundred megabytes, and scripts or fonts from elsewhere, for two
rectangles and a line; these are exact, are read aloud, and print.
"""

from decimal import Decimal
from html import escape
from typing import Any, Final

COLOURS: Final = {"GREEN": "#1a8754", "AMBER": "#c47f00", "RED": "#c9372c", None: "#5b6b7c"}
_BANDS: Final = ("#f6d5d2", "#fbe8c3", "#d5ecdf")
_WIDTH: Final = 1_000
_DARK, _TRACK, _BEYOND = "#22384f", "#dde3ea", "#f1f4f7"
_AMBER_FROM: Final = Decimal("0.9")
_AMBER_UNTIL: Final = Decimal("1.1")
_HEADROOM: Final = Decimal("1.06")


def attainment(percent: Decimal | None, most: Decimal, colour: str | None, told: str) -> str:
    """Draw what is attained; `most` is the percentage at the right end."""
    line = _at(Decimal(100), most)
    parts = [_box(0, 6, _WIDTH, 12, _BEYOND), _box(0, 6, line, 12, _TRACK)]
    if percent is not None:
        parts.append(_box(0, 6, _at(max(percent, Decimal(0)), most), 12, COLOURS[colour]))
    parts.append(_box(line - 2, 1, 4, 22, _DARK))
    return _picture(parts, told)


def bullet(figures: dict[str, Any], told: str, *, is_lower: bool = False) -> str:
    """Draw what is credited before what is expected, with the target and the projection.

    Args:
        figures: `credited`, `target`, `expected` and `projection`, numbers or None.
        told: what is read aloud.
        is_lower: whether the less of it the better: the good band is the first one then.
    """
    credited, target, expected, projection = (
        figures[name] for name in ("credited", "target", "expected", "projection")
    )
    known = [one for one in (credited, target, expected, projection) if one is not None]
    most = max([*known, Decimal(1)]) * _HEADROOM
    parts = [_box(0, 3, _WIDTH, 18, _TRACK)]
    if expected is not None and expected > 0:
        turns = (1, _AMBER_UNTIL) if is_lower else (_AMBER_FROM, 1)
        edges = (0, *(_at(expected * turn, most) for turn in turns), _WIDTH)
        parts += [
            _box(left, 3, right - left, 18, band)
            for left, right, band in zip(
                edges, edges[1:], reversed(_BANDS) if is_lower else _BANDS, strict=False
            )
        ]
    parts.append(_box(0, 9, _at(max(credited, Decimal(0)), most), 6, _DARK))
    if target is not None:
        parts.append(_box(_at(target, most) - 3, 1, 6, 22, "#000000"))
    if projection is not None and target is not None:
        at = _at(projection, most)
        parts.append(
            f'<path d="M{at - 8} 12 L{at} 6 L{at + 8} 12 L{at} 18 Z" fill="#ffffff"'
            f' stroke="{_DARK}" stroke-width="1.5" vector-effect="non-scaling-stroke"/>'
        )
    return _picture(parts, told)


def _at(value: Decimal, most: Decimal) -> int:
    return int(min(max(value / most, Decimal(0)), Decimal(1)) * _WIDTH)


def _box(left: int, top: int, width: int, height: int, colour: str) -> str:
    return f'<rect x="{left}" y="{top}" width="{max(width, 0)}" height="{height}" fill="{colour}"/>'


def _picture(parts: list[str], told: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} 24" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(told, quote=True)}">{"".join(parts)}</svg>'
    )
