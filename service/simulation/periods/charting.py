"""A plot of turns and credit of each rep, before and after, as SVG: a few bars, and no library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

_ROW, _TOP, _LABEL, _WIDTH = 34, 56, 150, 300
_BEFORE, _AFTER = "#9aa5b1", "#2f6fde"
_FONT: Final = (
    "font-family=\"'Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif\" font-size=\"12\""
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One rep's figures, as it was and as it would be."""

    name: str
    turns: tuple[int, int]
    deals: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Captions:
    """The words of the plot, in a person's language."""

    title: str
    turns: str
    credit: str
    before: str
    after: str


def chart(bars: Sequence[Bar], captions: Captions) -> str:
    """Draw two pairs of bars for each rep: turns, and credited deals."""
    height = _TOP + _ROW * max(1, len(bars)) + 16
    width = _LABEL + 2 * (_WIDTH + 60)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" {_FONT} role="img">',
        f"<title>{escape(captions.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="white"/>',
        _text(12, 18, captions.title, 'font-weight="bold"'),
        _swatch(_LABEL, 26, _BEFORE, captions.before),
        _swatch(_LABEL + 140, 26, _AFTER, captions.after),
    ]
    for column, caption in enumerate((captions.turns, captions.credit)):
        left = _LABEL + column * (_WIDTH + 60)
        parts.append(_text(left, 50, caption, 'fill="#52606d"'))
        figures = [bar.turns if column == 0 else bar.deals for bar in bars]
        most = max((max(pair) for pair in figures), default=0) or 1
        for row, (before, after) in enumerate(figures):
            y = _TOP + row * _ROW
            parts += [_bar(left, y + 4, before, most, _BEFORE)]
            parts += [_bar(left, y + 17, after, most, _AFTER)]
    parts += [_text(12, _TOP + row * _ROW + 20, bar.name[:12]) for row, bar in enumerate(bars)]
    return "\n".join([*parts, "</svg>"])


def _text(x: int, y: int, words: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{escape(words)}</text>'


def _swatch(x: int, y: int, colour: str, words: str) -> str:
    return f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>' + _text(
        x + 18, y + 11, words
    )


def _bar(x: int, y: int, value: float, most: float, colour: str) -> str:
    width = round(_WIDTH * value / most, 1)
    shown = f"{value:g}"
    return f'<rect x="{x}" y="{y}" width="{width}" height="11" fill="{colour}"/>' + (
        f'<text x="{x + width + 4}" y="{y + 10}" font-size="10">{shown}</text>'
    )
