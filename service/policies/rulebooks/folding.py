"""Where the characters of a text stand in the document, when it is folded or escaped.

YAML makes one space of a line's end, and drops the marks of an escape: a fault in the second half
of a long condition would else be shown far to the right of the first half.
"""

from collections.abc import Iterator

from service.policies.rulebooks.problems import Position

QUOTES = {"'", '"'}
BLOCKS = {"|", ">"}
_BLANKS = " \t\r\n"
# How long an escape is, by its letter.
_ESCAPED = {"x": 4, "u": 6, "U": 10}
_SHORT_ESCAPE = 2


def folded(
    value: str, text: str, start: int, begins: Position, style: str | None
) -> Iterator[tuple[int, int, int]]:
    """Yield offset, line and column wherever a value goes on elsewhere in the text.

    `start` is the index at which the value begins in the text, `begins` its place. What cannot be
    followed ends the search: later offsets count on from the last place that is known.
    """
    line, line_start = begins.line, start - (begins.column - 1)
    # The text of a block begins on the line after its mark.
    at = text.find("\n", start) + 1 if style in BLOCKS else start
    seen = follows = start
    for offset, character in enumerate(value):
        at, width = _found(character, text, at, style)
        if width == 0:
            return
        ended = text.rfind("\n", seen, at)
        if ended >= 0:
            line += text.count("\n", seen, at)
            line_start = ended + 1
        if ended >= 0 or at != follows:
            yield offset, line, at - line_start + 1
        seen, follows = at, at + 1
        at += width


def _found(character: str, text: str, at: int, style: str | None) -> tuple[int, int]:
    """Return where a character of the value stands from a place on, and its width; 0: nowhere."""
    while at < len(text):
        here = text[at]
        if style == '"' and here == "\\":
            if text[at + 1 : at + 2] != "\n":
                return at, _ESCAPED.get(text[at + 1 : at + 2], _SHORT_ESCAPE)
            at = _after_blanks(text, at + 1)
        elif here == character:
            return at, 2 if style == here == "'" else 1
        elif here not in _BLANKS:
            break
        elif character in "\n\t":
            # One end of a line, or one tab, with the blanks before it.
            ended = text.find(character, at, _after_blanks(text, at))
            return at, max(ended + 1 - at, 0)
        elif character in _BLANKS:
            # The blanks as a whole are the one character.
            return at, _after_blanks(text, at) - at
        else:
            at = _after_blanks(text, at)
    return at, 0


def _after_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANKS:
        at += 1
    return at
