"""Turns the text of a document, or its JSON, into a tree that knows its places.

Only what a rulebook needs of YAML: mappings, lists, plain text. Everything that could make a small
text large or a reader guess (anchors, aliases, tags, duplicate keys, several documents) is refused
at its place, while reading, so that a hostile text costs no more than its first fault.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import yaml

from service.policies.rulebooks.characters import hidden_in, hidden_problem, name_problem
from service.policies.rulebooks.folding import QUOTES, folded
from service.policies.rulebooks.problems import (
    NOWHERE,
    Position,
    Problem,
    RulebookRefused,
    pointer,
)
from service.policies.rulebooks.unreadable import TAB


class Mark(Protocol):
    """Where an event begins; libyaml's marks and PyYAML's own are unrelated classes."""

    @property
    def line(self) -> int:
        """Line, from 0."""

    @property
    def column(self) -> int:
        """Column, from 0."""


MOST_CHARACTERS = 262_144
MOST_LEVELS = 12
MOST_ENTRIES = 1_001
_MOST_BYTES = 4 * MOST_CHARACTERS
LARGEST_NUMBER = 10**15
_HALVES = re.compile(
    # After an even number of backslashes; else the first is a backslash itself.
    r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
)
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: what is written, and where."""

    raw: str
    at: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    items: tuple["Node", ...]
    at: Position = NOWHERE


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping: each key with its place, and its node."""

    entries: Mapping[str, tuple[Position, "Node"]]
    at: Position = NOWHERE


Node = Text | Listing | Table


def read_text(text: str) -> Node:
    """Read YAML into a tree; raises RulebookRefused with the first fault and its place."""
    if len(text) > MOST_CHARACTERS:
        line = text.count("\n", 0, MOST_CHARACTERS) + 1
        column = MOST_CHARACTERS - text.rfind("\n", 0, MOST_CHARACTERS)
        _refuse("TOO_LARGE", Position(line, column), most=str(MOST_CHARACTERS))
    # Editors of one system put it before every text; elsewhere it is a hidden character.
    text = text.removeprefix(BYTE_ORDER_MARK)
    if text.lstrip().startswith("{"):
        # JSON escapes a rare character as two halves, which YAML does not join.
        text = _HALVES.sub(_joined, text)
    _refuse_hidden(text, None)
    # libyaml where it is there: the pure Python scanner needs a second for a full document.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Events(text, yaml.parse(text, Loader=loader)).document()
    except yaml.MarkedYAMLError as fault:
        at = _within(text, _place(fault.problem_mark))
        mark = fault.problem_mark
        # libyaml calls a tab a character like any other.
        tab = mark is not None and text[mark.index : mark.index + 1] == "\t"
        reason = {"reason": TAB if tab else fault.problem or "syntax"}
        raise RulebookRefused([Problem("NOT_YAML", at, reason)]) from fault


def _joined(halves: re.Match[str]) -> str:
    high, low = int(halves[2], 16), int(halves[3], 16)
    return halves[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _within(text: str, at: Position) -> Position:
    """Return a place, or the end of the text where libyaml looks beyond it."""
    last = text.count("\n") + 1
    return at if at.line <= last else Position(last, len(text) - text.rfind("\n"))


def read_bytes(content: bytes) -> str:
    """Return the text of a file; raises RulebookRefused at the first byte that is none."""
    # No character is longer than four bytes: what is longer need not even be decoded.
    if len(content) > _MOST_BYTES:
        _refuse("TOO_LARGE", Position(1, 1), most=str(MOST_CHARACTERS))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].decode("utf-8")
        at = Position(before.count("\n") + 1, len(before) - before.rfind("\n"))
        _refuse("NOT_UTF8", at, byte=f"0x{content[fault.start]:02X}")


def read_plain(plain: object) -> Node:
    """Read a decoded JSON value into the same tree; its places are paths without lines."""
    return _Values().node(plain, 1, NOWHERE)


class _Values:
    """Builds the tree from decoded values; all their text together is bounded like a text."""

    def __init__(self) -> None:
        self._left = MOST_CHARACTERS

    def node(self, plain: object, level: int, at: Position) -> Node:
        """Build one node and what is inside it."""
        if level > MOST_LEVELS:
            _refuse("TOO_DEEP", at, most=str(MOST_LEVELS))
        if isinstance(plain, Mapping):
            return self._table(plain, level, at)
        if isinstance(plain, Sequence) and not isinstance(plain, str | bytes):
            self._bounded(len(plain), at)
            items = (self.node(item, level + 1, at.within(n)) for n, item in enumerate(plain))
            return Listing(tuple(items), at)
        if isinstance(plain, bool):
            return Text("true" if plain else "false", at)
        if isinstance(plain, int) and abs(plain) >= LARGEST_NUMBER:
            _refuse("NUMBER_TOO_LARGE", at, most=str(LARGEST_NUMBER - 1))
        return Text(self._text("" if plain is None else str(plain), at), at)

    def _table(self, plain: Mapping[object, object], level: int, at: Position) -> Table:
        self._bounded(len(plain), at)
        entries = {}
        for key, item in plain.items():
            if not isinstance(key, str):
                _refuse("KEY_NOT_TEXT", at)
            here = at.within(self._text(key, at))
            _refuse_any(name_problem(key, here))
            entries[key] = (here, self.node(item, level + 1, here))
        return Table(entries, at)

    def _text(self, text: str, at: Position) -> str:
        self._left -= len(text) + 1
        if self._left < 0:
            _refuse("TOO_LARGE", at, most=str(MOST_CHARACTERS))
        _refuse_hidden(text, at)
        return text

    def _bounded(self, count: int, at: Position) -> None:
        if count > MOST_ENTRIES:
            _refuse("TOO_MANY_PARTS", at, what=at.path or "/", most=str(MOST_ENTRIES))


def _refuse_hidden(text: str, at: Position | None) -> None:
    """Refuse a text that holds what nobody sees; `at` is its place, or None: it is the whole."""
    start = hidden_in(text)
    if start < 0:
        return
    line = text.count("\n", 0, start) + 1
    here = Position(line, start - text.rfind("\n", 0, start)) if at is None else at.right(start)
    raise RulebookRefused([hidden_problem(text[start], here)])


def _refuse_any(problem: Problem | None) -> None:
    if problem is not None:
        raise RulebookRefused([problem])


def _refuse(code: str, at: Position, **values: str) -> NoReturn:
    raise RulebookRefused([Problem(code, at, values)])


def _place(mark: Mark | None, path: str = "") -> Position:
    return Position(mark.line + 1, mark.column + 1, path) if mark else Position(1, 1, path)


class _Events:
    """Builds the tree from the parser's events, looking at each before going on."""

    def __init__(self, text: str, events: Iterator[yaml.Event]) -> None:
        self._text = text
        self._events = events

    def document(self) -> Node:
        """Build the one document of the text."""
        next(self._events)  # the stream starts
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Text("", Position(1, 1))
        root = self._node(next(self._events), 1, "")
        next(self._events)  # the document ends
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            _refuse("SEVERAL_DOCUMENTS", _place(after.start_mark))
        return root

    def _node(self, event: yaml.Event, level: int, path: str) -> Node:
        at = _place(event.start_mark, path)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            _refuse("ALIAS_REFUSED", at)
        if getattr(event, "tag", None) is not None:
            _refuse("TAG_REFUSED", at)
        if level > MOST_LEVELS:
            _refuse("TOO_DEEP", at, most=str(MOST_LEVELS))
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, at)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(at, level)
        return self._table(at, level)

    def _scalar(self, event: yaml.ScalarEvent, at: Position) -> Text:
        # The text of a quoted scalar begins after its quotation mark.
        quoted = event.style in QUOTES
        begins = at if not quoted else Position(at.line, at.column + 1, at.path)
        first, last = event.start_mark, event.end_mark
        if first is None or last is None:
            return Text(event.value, begins)
        start = first.index + quoted
        if self._text[start : last.index - quoted] == event.value:
            return Text(event.value, begins)
        folds = tuple(folded(event.value, self._text, start, begins, event.style))
        begins = Position(begins.line, begins.column, at.path, folds)
        # An escape can bring in what the text itself does not show.
        _refuse_hidden(event.value, begins)
        return Text(event.value, begins)

    def _listing(self, at: Position, level: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, level + 1, pointer(at.path, len(items))))
            if len(items) > MOST_ENTRIES:
                here = _place(event.start_mark, at.path)
                _refuse("TOO_MANY_PARTS", here, what=at.path or "/", most=str(MOST_ENTRIES))
        return Listing(tuple(items), at)

    def _table(self, at: Position, level: int) -> Table:
        entries: dict[str, tuple[Position, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, level + 1, at.path)
            if not isinstance(key, Text):
                _refuse("KEY_NOT_TEXT", key.at)
            path = pointer(at.path, key.raw)
            named = Position(key.at.line, key.at.column, path, key.at.folds)
            _refuse_any(name_problem(key.raw, named))
            if len(entries) >= MOST_ENTRIES:
                _refuse("TOO_MANY_PARTS", key.at, what=at.path or "/", most=str(MOST_ENTRIES))
            if key.raw in entries:
                _refuse("DUPLICATE_KEY", named, key=key.raw)
            node = self._node(next(self._events), level + 1, path)
            entries[key.raw] = (named, node)
        return Table(entries, at)
