"""Which characters a document may hold, and which of them a name.

A letter that only looks like another makes two names of one word, and what cannot be seen cannot be
checked by reading: both are refused where they stand, in plain words.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from service.policies.rulebooks.problems import Position, Problem

LONGEST_NAME = 100

# What YAML itself forbids; found here, because libyaml names only the byte.
_NEVER = "\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
# Zero width, marks of direction, soft hyphens, and line ends that no editor counts as such.
_UNSEEN = (
    "\x85\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# A return without a line's end is a line's end to YAML and none to an editor.
_HIDDEN = re.compile(f"[{_NEVER}{_UNSEEN}]|\\r(?!\\n)")
_UNPRINTED = re.compile(f"[{_NEVER}]")
_ZERO_WIDTH = re.compile(f"[{_UNSEEN}]")
# Plain letters, digits, a few signs, and Chinese characters; not their compatibility doubles.
_NAME = re.compile("[A-Za-z0-9_.+/\\-\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef]*")

# Letters of Cyrillic and Greek beside the plain ones they are taken for.
_TWINS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u04cf"
    "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0423\u0406\u0408\u0405"
    "\u03bf\u03bd\u03b1\u03b9\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d"
    "\u039f\u03a1\u03a4\u03a5\u03a7\u0131",
    "aeopcyxijsdhlABEKMHOPCTXYIJSovaipABEZHIKMNOPTYXi",
)


def hidden_in(text: str) -> int:
    """Return the index of the first character that no document may hold, or -1."""
    found = _HIDDEN.search(text)
    return -1 if found is None else found.start()


def hidden_problem(character: str, at: Position) -> Problem:
    """Return what is wrong with a character that no document may hold."""
    if _UNPRINTED.match(character):
        return Problem("NOT_YAML", at, {"reason": f"character U+{ord(character):04X}"})
    return Problem("HIDDEN_CHARACTER", at, {"character": described(character)})


def name_problem(name: str, at: Position) -> Problem | None:
    """Return what is wrong with the letters of a name, at the first that is none of ours."""
    if len(name) > LONGEST_NAME:
        return Problem("NAME_TOO_LONG", at, {"name": name, "most": str(LONGEST_NAME)})
    end = _plain_until(name)
    if end == len(name):
        return None
    values = {"name": name, "character": described(name[end])}
    meant = look(name)
    return Problem("NAME_CHARACTER", at.right(end), values, meant if _plain(meant) else None)


def look(name: str) -> str:
    """Return the plain letters that a name looks like."""
    flat = unicodedata.normalize("NFKD", name.translate(_TWINS)).translate(_TWINS)
    seen = "".join(part for part in flat if not unicodedata.combining(part))
    return _ZERO_WIDTH.sub("", seen)


def described(character: str) -> str:
    """Return how a character is called where showing it would not help."""
    called = unicodedata.name(character, "")
    return f"U+{ord(character):04X} {called}".rstrip()


def word_around(line: str, column: int) -> str:
    """Return the whole word of a line in which a column lies."""
    return next((match[0] for match in _words(line) if match.end() > column), "")


@lru_cache(maxsize=4096)
def _plain_until(name: str) -> int:
    # A document has few different names, each many times.
    plain = _NAME.match(name)
    return 0 if plain is None else plain.end()


def _words(line: str) -> Iterator[re.Match[str]]:
    return re.finditer(r"[^\s()<>,=]+", line)


def _plain(name: str) -> bool:
    return bool(name) and _NAME.fullmatch(name) is not None
