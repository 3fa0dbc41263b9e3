"""Writes a document as the YAML people read: the shape of the shipped rulebooks.

The text depends on what the document says and on nothing else, so that two writings of one version
are the same bytes: decisions, parameters, facts and outcomes stand in the vocabulary's order, then
by name; rules and tests in their own. Comments are no part of a document.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from service.policies.rulebooks.parts import Document, Plain
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Vocabulary

WIDTH = 100
STEP = "  "

Rows = Mapping[str, Plain]

# What a reader of YAML 1.1 or 1.2 would take for something else than text.
_NOT_TEXT = re.compile(
    r"[-+]?[.\d][\d_,.:eExXoO+\-a-fA-F]*|[-+]?\.(inf|nan)|~|null|true|false|yes|no|on|off|y|n|<<|=",
    re.IGNORECASE,
)
# A day, as a header has it: text for the document, and readable without quotation marks.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN_START = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`]")
_PLAIN_NEVER = re.compile(r": |:$| #|[\t\r\n\x85\u2028\u2029\ufeff]|^(---|\.\.\.)|\s$")
_FLOW_NEVER = re.compile(r"[,\[\]{}:?]")
_FOLDS = re.compile(r"(?<=\S) (?=\S)")


def write(document: Document, vocabulary: Vocabulary | None = None) -> str:
    """Return a document as YAML that reads back the same.

    The vocabulary gives the order of decisions, facts and outcomes; without one, names do.
    """
    lines = list(_document(document.to_json(), vocabulary))
    return "\n".join(lines) + "\n"


def write_test(test: Rows, vocabulary: Vocabulary | None = None) -> str:
    """Return one test as a document lists it, with its dash."""
    words = vocabulary.decisions if vocabulary is not None else {}
    return "\n".join(_listed("tests", [_test(test, words)])).removeprefix("tests:\n")


def _document(plain: Rows, vocabulary: Vocabulary | None) -> Iterator[str]:
    decisions = cast("Rows", plain["decisions"])
    words = vocabulary.decisions if vocabulary is not None else {}
    for key, part in plain.items():
        if key == "params":
            yield ""
            explained = vocabulary.explained if vocabulary is not None else ()
            yield from _named(key, _sorted(cast("Rows", part), explained))
        elif key == "rotation":
            yield ""
            yield from _entry(key, _sorted(cast("Rows", part), ("order", "skip")), "")
        elif key == "effective":
            yield from _entry(key, _sorted(cast("Rows", part), ()), "")
        elif key == "decisions":
            yield ""
            yield from _decisions(_sorted(decisions, words), words)
        elif key == "tests":
            yield ""
            yield from _listed(key, [_test(test, words) for test in cast("list[Rows]", part)])
        else:
            yield from _entry(key, part, "")


def _decisions(decisions: Rows, words: Mapping[str, DecisionWords]) -> Iterator[str]:
    if not decisions:
        yield "decisions: {}"
        return
    yield "decisions:"
    for number, (name, decision) in enumerate(decisions.items()):
        if number:
            yield ""
        parts = cast("Mapping[str, Plain]", decision)
        fields = [field.name for field in words[name].fields] if name in words else ()
        yield f"{STEP}{_key(name)}:"
        rules = [_rule(rule, fields) for rule in cast("list[Rows]", parts["rules"])]
        yield from _listed("rules", rules, STEP * 2)
        if "otherwise" in parts:
            yield f"{STEP * 2}otherwise:"
            for key, part in _rule(cast("Rows", parts["otherwise"]), fields).items():
                yield from _rule_entry(key, part, STEP * 3)


def _rule(rule: Rows, fields: Iterable[str]) -> Rows:
    return {**rule, "then": _sorted(cast("Rows", rule["then"]), fields)}


def _test(test: Rows, words: Mapping[str, DecisionWords]) -> Rows:
    known = words.get(str(test["decision"]))
    facts = [fact.name for fact in known.facts] if known is not None else ()
    fields = [field.name for field in known.fields] if known is not None else ()
    ordered = {
        "params": _sorted(cast("Rows", test.get("params", {})), ()),
        "given": _sorted(cast("Rows", test["given"]), facts),
        "expect": _sorted(cast("Rows", test["expect"]), ("rule", *fields)),
    }
    return {key: ordered.get(key, part) for key, part in test.items()}


def _sorted(parts: Rows, order: Iterable[str]) -> dict[str, Plain]:
    """Return the parts in a known order, the others after them by name."""
    places = {name: place for place, name in enumerate(order)}
    last = len(places)
    return dict(sorted(parts.items(), key=lambda item: (places.get(item[0], last), item[0])))


# From values to lines.


def _named(key: str, parts: Rows) -> Iterator[str]:
    """Write a table with a line for each of its parts, as far as they fit."""
    if not parts:
        yield f"{key}: {{}}"
        return
    yield f"{key}:"
    for name, part in parts.items():
        yield from _entry(name, part, STEP)


def _listed(key: str, items: Sequence[Rows], indent: str = "") -> Iterator[str]:
    """Write a list of tables: rules part by part, tests in one line where they fit."""
    if not items:
        yield f"{indent}{key}: []"
        return
    yield f"{indent}{key}:"
    for item in items:
        flow = f"{indent}{STEP}- {_flow(dict(item))}"
        if key == "tests" and len(flow) <= WIDTH:
            yield flow
            continue
        inner = indent + STEP * 2
        lines = [line for name, part in item.items() for line in _rule_entry(name, part, inner)]
        yield f"{indent}{STEP}- {lines[0].removeprefix(inner)}"
        yield from lines[1:]


def _rule_entry(key: str, part: Plain, indent: str) -> Iterator[str]:
    if key == "says" and isinstance(part, dict):
        # The sentences are what people read: always one below the other.
        yield f"{indent}{key}:"
        for locale, sentence in part.items():
            yield from _entry(locale, sentence, indent + STEP)
    else:
        yield from _entry(key, part, indent)


def _entry(key: str, part: Plain, indent: str) -> Iterator[str]:
    """Write a part in one line, in the line below, or line by line, whichever fits first."""
    head = f"{indent}{_key(key)}:"
    shown = _flow(part) if isinstance(part, dict | list) else _scalar(part, flow=False)
    if len(head) + 1 + len(shown) <= WIDTH:
        yield f"{head} {shown}"
    elif isinstance(part, dict) and len(indent) + len(STEP) + len(shown) <= WIDTH:
        yield head
        yield f"{indent}{STEP}{shown}"
    elif isinstance(part, dict):
        yield head
        for name, inner in part.items():
            yield from _entry(name, inner, indent + STEP)
    elif isinstance(part, list):
        yield head
        for item in part:
            shown = _flow(item) if isinstance(item, dict | list) else _scalar(item, flow=False)
            yield from _wrapped(f"{indent}{STEP}- ", shown, indent + STEP * 2)
    else:
        yield from _wrapped(f"{head} ", shown, indent + STEP)


def _wrapped(head: str, text: str, indent: str) -> Iterator[str]:
    """Write a long scalar over several lines; they break where one blank stands alone."""
    line = head
    for number, word in enumerate(_FOLDS.split(text)):
        if number == 0:
            line += word
        elif len(line) + 1 + len(word) <= WIDTH or word.startswith("#"):
            line += f" {word}"
        else:
            yield line
            line = indent + word
    yield line


def _flow(value: Plain) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_flow(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value, flow=True)


def _key(name: str) -> str:
    return _scalar(name, flow=True)


def _scalar(value: Plain, *, flow: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    plain = (
        _PLAIN_START.match(value)
        and not _PLAIN_NEVER.search(value)
        and (not _NOT_TEXT.fullmatch(value) or _DAY.fullmatch(value))
        and not (flow and _FLOW_NEVER.search(value))
    )
    # Of what JSON escapes and how, YAML reads the same.
    return value if plain else json.dumps(value, ensure_ascii=False)
