"""Reads a rulebook document from YAML or JSON; what it means is checked elsewhere."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from service.policies.rulebooks.characters import name_problem
from service.policies.rulebooks.parts import (
    Decision,
    Document,
    Parameter,
    Rule,
    Trial,
    Written,
)
from service.policies.rulebooks.problems import (
    MOST_PROBLEMS,
    Position,
    Problem,
    RulebookRefused,
    nearest,
)
from service.policies.rulebooks.reading import Listing, Node, Table, Text, read_plain, read_text
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Locale

Part = TypeVar("Part")
Reader = Callable[[str, Node], Part]
NamedReader = Callable[[str, Position, Node], Part]

DOCUMENT_KEYS = [
    "policy",
    "title",
    "industry",
    "applies_to",
    "effective",
    "running",
    "principles",
    "params",
    "rotation",
    "decisions",
    "tests",
]
PARAMETER_KEYS = ["value", "min", "max", "unit", "words", "says", "source"]
RULE_KEYS = ["id", "source", "says", "when", "then"]
TRIAL_KEYS = ["decision", "params", "given", "expect"]
_PARAMETER_OPTIONS = {"min", "max", "unit", "words", "says"}
NOTHING = Text("")


def parse(text: str) -> Document:
    """Read a document from YAML.

    Raises:
        RulebookRefused: the text has not the shape of a document; every fault of shape is named.
    """
    return _Shape().document(read_text(text))


def from_json(plain: object) -> Document:
    """Read a document from decoded JSON: the form a published version is stored in.

    Raises:
        RulebookRefused: as for `parse`, without places.
    """
    return _Shape().document(read_plain(plain))


class _Shape:
    """Reads the tree into the document and collects every fault of shape on the way."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def document(self, node: Node) -> Document:
        """Read the whole; raises RulebookRefused if anything had the wrong shape."""
        parts = self._parts("the document", node, DOCUMENT_KEYS, optional={"version", "rotation"})
        document = Document(
            policy=self._name("policy", parts),
            version=self._optional_text("version", parts),
            title=self._sentences("title", parts),
            industry=self._text("industry", parts),
            applies_to=self._texts("applies_to", parts),
            effective=self._texts_by_name("effective", parts),
            running=self._text("running", parts),
            principles=self._texts("principles", parts),
            params=self._named("params", parts, self._parameter),
            rotation=self._texts_by_name("rotation", parts),
            decisions=self._named("decisions", parts, self._decision),
            tests=tuple(self._trial(item) for item in self._items("tests", parts)),
            at=node.at,
        )
        if self._problems:
            raise RulebookRefused(self._problems)
        return document

    def _parameter(self, name: str, at: Position, node: Node) -> Parameter:
        parts = self._parts(name, node, PARAMETER_KEYS, optional=_PARAMETER_OPTIONS)
        return Parameter(
            name=name,
            value=self._written("value", parts),
            least=self._optional_text("min", parts),
            most=self._optional_text("max", parts),
            unit=self._optional_text("unit", parts),
            words=self._names("words", parts) if "words" in parts else None,
            says=self._sentences("says", parts) if "says" in parts else None,
            source=self._text("source", parts),
            at=at,
        )

    def _decision(self, name: str, at: Position, node: Node) -> Decision:
        # A missing `otherwise` is left to the checks, which name the decision.
        parts = self._parts(name, node, ["rules", "otherwise"], optional={"otherwise"})
        last = parts.get("otherwise")
        return Decision(
            name=name,
            rules=tuple(self._rule(item) for item in self._items("rules", parts)),
            otherwise=None if last is None else self._rule(last, conditional=False),
            at=at,
        )

    def _rule(self, node: Node, *, conditional: bool = True) -> Rule:
        known = RULE_KEYS if conditional else [key for key in RULE_KEYS if key != "when"]
        parts = self._parts("the rule", node, known)
        return Rule(
            id=self._name("id", parts),
            source=self._text("source", parts),
            says=self._sentences("says", parts),
            when=self._texts("when", parts),
            then=self._texts_by_name("then", parts),
            at=node.at,
        )

    def _trial(self, node: Node) -> Trial:
        parts = self._parts("the test", node, TRIAL_KEYS, optional={"params"})
        return Trial(
            decision=self._text("decision", parts),
            params=self._named("params", parts, lambda name, _, item: self._value(name, item)),
            given=self._texts_by_name("given", parts),
            expect=self._texts_by_name("expect", parts),
            at=node.at,
        )

    # Below: one reader a shape. A part that is missing was named by `_parts` and reads as empty.

    def _parts(
        self, what: str, node: Node, known: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, Node]:
        if not isinstance(node, Table):
            self._wrong(what, node, "a table")
            return {}
        allowed = {*known, *optional}
        for key, (at, _) in node.entries.items():
            if key not in allowed:
                near = nearest(key, allowed)
                self._blame(Problem("UNKNOWN_KEY", at, {"key": key}, near))
        for key in known:
            if key not in node.entries and key not in optional:
                at = node.at.within(key)
                self._blame(Problem("MISSING_KEY", at, {"key": key, "what": what}))
        return {key: item for key, (_, item) in node.entries.items() if key in allowed}

    def _wrong(self, what: str, node: Node, expected: str) -> None:
        self._blame(Problem("WRONG_SHAPE", node.at, {"key": what, "expected": expected}))

    def _blame(self, problem: Problem) -> None:
        self._problems.append(problem)
        if len(self._problems) >= MOST_PROBLEMS:
            raise RulebookRefused(self._problems)

    def _text(self, key: str, parts: Mapping[str, Node]) -> Text:
        return self._scalar(key, parts[key]) if key in parts else NOTHING

    def _name(self, key: str, parts: Mapping[str, Node]) -> Text:
        return self._named_text(self._text(key, parts))

    def _names(self, key: str, parts: Mapping[str, Node]) -> tuple[Text, ...]:
        return tuple(map(self._named_text, self._texts(key, parts)))

    def _named_text(self, text: Text) -> Text:
        problem = name_problem(text.raw, text.at)
        if problem is not None:
            self._blame(problem)
        return text

    def _optional_text(self, key: str, parts: Mapping[str, Node]) -> Text | None:
        return self._scalar(key, parts[key]) if key in parts else None

    def _scalar(self, what: str, node: Node) -> Text:
        if isinstance(node, Text):
            return node
        self._wrong(what, node, "text")
        return NOTHING

    def _items(self, key: str, parts: Mapping[str, Node]) -> tuple[Node, ...]:
        node = parts.get(key, Listing(()))
        if isinstance(node, Listing):
            return node.items
        self._wrong(key, node, "a list")
        return ()

    def _texts(self, key: str, parts: Mapping[str, Node]) -> tuple[Text, ...]:
        return tuple(self._scalar(key, item) for item in self._items(key, parts))

    def _table(self, key: str, parts: Mapping[str, Node]) -> Table:
        node = parts.get(key, Table({}))
        if isinstance(node, Table):
            return node
        self._wrong(key, node, "a table")
        return Table({})

    def _texts_by_name(self, key: str, parts: Mapping[str, Node]) -> dict[str, Text]:
        entries = self._table(key, parts).entries
        return {name: self._scalar(name, item) for name, (_, item) in entries.items()}

    def _sentences(self, key: str, parts: Mapping[str, Node]) -> dict[Locale, Text]:
        if key not in parts:
            return {}
        by_locale = self._parts(key, parts[key], LOCALES)
        return {locale: self._text(locale, by_locale) for locale in LOCALES}

    def _named(
        self, key: str, parts: Mapping[str, Node], read: NamedReader[Part]
    ) -> dict[str, Part]:
        entries = self._table(key, parts).entries
        return {name: read(name, at, item) for name, (at, item) in entries.items()}

    def _written(self, key: str, parts: Mapping[str, Node]) -> Written:
        return self._value(key, parts[key]) if key in parts else NOTHING

    def _value(self, what: str, node: Node) -> Written:
        if isinstance(node, Listing):
            return tuple(self._scalar(what, item) for item in node.items)
        return self._scalar(what, node)
