"""Turns the text of a document, or its JSON, into a tree that knows its places.

Only what a rulebook needs of YAML: mappings, lists, plain text. Everything that could make a small
text large or a reader guess (anchors, aliases, tags, duplicate keys, several documents) is refused
at its place, while reading, so that a hostile text costs no more than its first fault.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NoReturn, Protocol

import yaml

from service.policies.rulebooks.folding import QUOTES, folded
from service.policies.rulebooks.problems import (
    NOWHERE,
    Position,
    Problem,
    RulebookRefused,
    pointer,
)


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

# What YAML itself forbids; found here, because libyaml names only the byte.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
        _refuse("TOO_LARGE", Position(1, 1), most=str(MOST_CHARACTERS))
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        line = text.count("\n", 0, forbidden.start()) + 1
        column = forbidden.start() - text.rfind("\n", 0, forbidden.start())
        reason = f"character U+{ord(forbidden[0]):04X}"
        _refuse("NOT_YAML", Position(line, column), reason=reason)
    # libyaml where it is there: the pure Python scanner needs a second for a full document.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Events(text, yaml.parse(text, Loader=loader)).document()
    except yaml.MarkedYAMLError as fault:
        raise RulebookRefused(
            [Problem("NOT_YAML", _place(fault.problem_mark), {"reason": fault.problem or "syntax"})]
        ) from fault


def read_plain(plain: object) -> Node:
    """Read a decoded JSON value into the same tree; its places are paths without lines."""
    return _from_plain(plain, 1, NOWHERE)


def _from_plain(plain: object, level: int, at: Position) -> Node:
    if level > MOST_LEVELS:
        _refuse("TOO_DEEP", at, most=str(MOST_LEVELS))
    if isinstance(plain, Mapping):
        entries = {}
        for key, item in plain.items():
            here = at.within(str(key))
            entries[str(key)] = (here, _from_plain(item, level + 1, here))
        return Table(entries, at)
    if isinstance(plain, Sequence) and not isinstance(plain, str):
        items = (_from_plain(item, level + 1, at.within(n)) for n, item in enumerate(plain))
        return Listing(tuple(items), at)
    if isinstance(plain, bool):
        return Text("true" if plain else "false", at)
    return Text("" if plain is None else str(plain), at)


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
        begins = replace(at, column=at.column + quoted)
        first, last = event.start_mark, event.end_mark
        if first is None or last is None:
            return Text(event.value, begins)
        start = first.index + quoted
        if self._text[start : last.index - quoted] == event.value:
            return Text(event.value, begins)
        folds = tuple(folded(event.value, self._text, start, begins, event.style))
        return Text(event.value, replace(begins, folds=folds))

    def _listing(self, at: Position, level: int) -> Listing:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, level + 1, pointer(at.path, len(items))))
        return Listing(tuple(items), at)

    def _table(self, at: Position, level: int) -> Table:
        entries: dict[str, tuple[Position, Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._node(event, level + 1, at.path)
            if not isinstance(key, Text):
                _refuse("KEY_NOT_TEXT", key.at)
            path = pointer(at.path, key.raw)
            if key.raw in entries:
                _refuse("DUPLICATE_KEY", replace(key.at, path=path), key=key.raw)
            node = self._node(next(self._events), level + 1, path)
            entries[key.raw] = (replace(key.at, path=path), node)
        return Table(entries, at)
