"""What differs between two texts of a rulebook, rule by rule and parameter by parameter, in words.

Pure: two documents in, differences out, each with its parts for a program and a sentence for a
person. A rule is known by its id, a parameter by its name; the order of parameters is no matter,
that of rules is, since the first that fits decides.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from service.policies.rulebooks.parts import Decision, Document, Parameter, Rule, Trial, Written
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.vocabulary.kinds import Label, Locale, Vocabulary

DifferenceKind = Literal[
    "HEADER",
    "PARAMETER",
    "PARAMETER_ADDED",
    "PARAMETER_REMOVED",
    "PARAMETER_RANGE",
    "PARAMETER_SOURCE",
    "ROTATION",
    "DECISION_ADDED",
    "DECISION_REMOVED",
    "RULE_ADDED",
    "RULE_REMOVED",
    "RULE_MOVED",
    "RULE_ASKS",
    "RULE_ASKS_NO_MORE",
    "RULE_DECIDES",
    "RULE_SAYS",
    "RULE_SOURCE",
    "TESTS",
]

_SENTENCES: Final[Mapping[str, Label]] = {
    "HEADER": Label(
        "{name}: {before} → {after}", "{name}：{before} → {after}", "{name}：{before} → {after}"
    ),
    "PARAMETER": Label(
        "{name}: {before} → {after}", "{name}：{before} → {after}", "{name}：{before} → {after}"
    ),
    "PARAMETER_ADDED": Label(
        "new parameter {name}: {after}", "新增參數 {name}：{after}", "新增参数 {name}：{after}"
    ),
    "PARAMETER_REMOVED": Label(
        "parameter {name} removed (it was {before})",
        "刪去參數 {name}（原為 {before}）",
        "删去参数 {name}（原为 {before}）",
    ),
    "PARAMETER_RANGE": Label(
        "{name} may be {after}; before: {before}",
        "{name} 可取 {after}；原為 {before}",
        "{name} 可取 {after}；原为 {before}",
    ),
    "PARAMETER_SOURCE": Label(
        "{name} comes from clause {after}; before: {before}",
        "{name} 依據條款 {after}；原為 {before}",
        "{name} 依据条款 {after}；原为 {before}",
    ),
    "ROTATION": Label(
        "rotation, {name}: {before} → {after}",
        "輪序 {name}：{before} → {after}",
        "轮序 {name}：{before} → {after}",
    ),
    "DECISION_ADDED": Label("new decision: {name}", "新增決定：{name}", "新增决定：{name}"),
    "DECISION_REMOVED": Label("decision removed: {name}", "刪去決定：{name}", "删去决定：{name}"),
    "RULE_ADDED": Label(
        "new rule {name}: {after}", "新增規則 {name}：{after}", "新增规则 {name}：{after}"
    ),
    "RULE_REMOVED": Label(
        "rule {name} removed: {before}", "刪去規則 {name}：{before}", "删去规则 {name}：{before}"
    ),
    "RULE_MOVED": Label(
        "{name} is now asked {after}; before: {before}",
        "{name} 現排在{after}；原排在{before}",
        "{name} 现排在{after}；原排在{before}",
    ),
    "RULE_ASKS": Label(
        "{name} now also asks: {after}", "{name} 另須符合：{after}", "{name} 另须符合：{after}"
    ),
    "RULE_ASKS_NO_MORE": Label(
        "{name} no longer asks: {before}", "{name} 不再要求：{before}", "{name} 不再要求：{before}"
    ),
    "RULE_DECIDES": Label(
        "{name} decides {part}: {before} → {after}",
        "{name} 的{part}：{before} → {after}",
        "{name} 的{part}：{before} → {after}",
    ),
    "RULE_SAYS": Label(
        "{name} tells people: “{after}”; before: “{before}”",
        "{name} 的說明改為「{after}」；原為「{before}」",
        "{name} 的说明改为“{after}”；原为“{before}”",
    ),
    "RULE_SOURCE": Label(
        "{name} comes from clause {after}; before: {before}",
        "{name} 依據條款 {after}；原為 {before}",
        "{name} 依据条款 {after}；原为 {before}",
    ),
    "TESTS": Label(
        "its own tests: {after} added, {before} removed",
        "自帶測試：新增 {after} 項，刪去 {before} 項",
        "自带测试：新增 {after} 项，删去 {before} 项",
    ),
}
_UNITS: Final[Mapping[str, Label]] = {
    "days": Label("days", "天", "天"),
    "hours": Label("hours", "小時", "小时"),
    "minutes": Label("minutes", "分鐘", "分钟"),
    "seconds": Label("seconds", "秒", "秒"),
    "percent": Label("percent", "%", "%"),
    "rings": Label("rings", "聲", "声"),
    "turns": Label("turns", "輪", "轮"),
    "customers": Label("customers", "位客戶", "位客户"),
}
_HEADERS: Final[Mapping[str, Label]] = {
    "title": Label("title", "標題", "标题"),
    "industry": Label("industry", "行業", "行业"),
    "applies_to": Label("applies to", "適用於", "适用于"),
    "effective": Label("effective", "生效", "生效"),
    "running": Label("running periods", "進行中的期限", "进行中的期限"),
    "principles": Label("principles", "原則", "原则"),
}
_NAMED: Final = Label("{1} ({0})", "{1}（{0}）", "{1}（{0}）")
_OF_WORDS: Final = (
    "PARAMETER",
    "PARAMETER_ADDED",
    "PARAMETER_REMOVED",
    "PARAMETER_RANGE",
    "ROTATION",
)
_NOTHING: Final = Label("nothing", "無", "无")
_FIRST: Final = Label("first", "首位", "首位")
_AFTER: Final = Label("right after {rule}", "{rule} 之後", "{rule} 之后")
_COMMA: Final = Label(", ", "、", "、")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Attributes:
        decision: the decision it is in, for what is of a decision.
        name: of the rule, the parameter, the decision or the part of the header.
        part: which part of what a rule decides.
        before, after: as the documents write it; None where there was, or is, nothing. Of a rule
            that moved: the rule it stands behind, "" where it is the first. Of tests: how many.
        unit: of a number parameter.
        says: the sentences of a rule that came, went or says something else.
    """

    kind: DifferenceKind
    name: str
    before: str | None = None
    after: str | None = None
    decision: str | None = None
    part: str | None = None
    unit: str | None = None
    says: tuple[Mapping[Locale, str], Mapping[Locale, str]] = ({}, {})

    def sentence(self, locale: Locale, vocabulary: Vocabulary | None = None) -> str:
        """Word it for a person; the vocabulary's own words where it is given."""
        words = _Worded(self, locale, vocabulary)
        return _SENTENCES[self.kind].text(locale).format(**words.values())


class _Worded:
    def __init__(self, one: Difference, locale: Locale, vocabulary: Vocabulary | None) -> None:
        self._one, self._locale, self._vocabulary = one, locale, vocabulary

    def values(self) -> dict[str, str]:
        """Return what stands in the sentence's places."""
        one = self._one
        return {
            "name": self._name(),
            "part": self._part(),
            "before": self._shown(one.before, one.says[0]),
            "after": self._shown(one.after, one.says[1]),
        }

    def _name(self) -> str:
        one = self._one
        if one.kind == "HEADER":
            return _HEADERS[one.name].text(self._locale) if one.name in _HEADERS else one.name
        if one.kind in {"DECISION_ADDED", "DECISION_REMOVED"} and self._vocabulary is not None:
            known = self._vocabulary.decisions.get(one.name)
            return one.name if known is None else known.label.text(self._locale)
        if one.kind.startswith("PARAMETER") and self._vocabulary is not None:
            says = self._vocabulary.explained.get(one.name)
            named = _NAMED.text(self._locale)
            return one.name if says is None else named.format(says.text(self._locale), one.name)
        return one.name

    def _part(self) -> str:
        one = self._one
        if one.part is None or self._vocabulary is None or one.decision is None:
            return one.part or ""
        known = self._vocabulary.decisions.get(one.decision)
        field = None if known is None else known.field(one.part)
        return one.part if field is None else field.label.text(self._locale)

    def _shown(self, value: str | None, says: Mapping[Locale, str]) -> str:
        one = self._one
        if one.kind in {"RULE_ADDED", "RULE_REMOVED", "RULE_SAYS"}:
            return says.get(self._locale, "")
        if one.kind == "RULE_MOVED":
            place = _AFTER.text(self._locale).format(rule=value) if value else None
            return place or _FIRST.text(self._locale)
        if value is None:
            return _NOTHING.text(self._locale)
        if one.kind == "RULE_DECIDES":
            return self._word(value)
        if one.kind in _OF_WORDS and not value.lstrip("-").isdecimal():
            comma = _COMMA.text(self._locale)
            return comma.join(self._word(word) for word in value.split(", "))
        return self._measured(value)

    def _word(self, value: str) -> str:
        known = None if self._vocabulary is None else self._vocabulary.words.get(value)
        return value if known is None else known.text(self._locale)

    def _measured(self, value: str) -> str:
        one = self._one
        if one.unit is None or not value.lstrip("-").isdecimal():
            return value
        # 7 → 10 days: the unit stands once, behind the last number.
        if value == one.before and one.kind == "PARAMETER" and (one.after or "").isdecimal():
            return value
        unit = _UNITS[one.unit].text(self._locale) if one.unit in _UNITS else one.unit
        return f"{value} {unit}"


def differences(before: Document, after: Document) -> tuple[Difference, ...]:
    """Return what differs: header, parameters by name, rotation, then decision by decision."""
    return (
        *_header(before, after),
        *_parameters(before.params, after.params),
        *_tables("ROTATION", _raw(before.rotation), _raw(after.rotation)),
        *_decisions(before.decisions, after.decisions),
        *_tests(before, after),
    )


def _header(before: Document, after: Document) -> Iterator[Difference]:
    both = [_header_of(before), _header_of(after)]
    yield from _tables("HEADER", *both)


def _header_of(document: Document) -> dict[str, str]:
    return {
        "title": " / ".join(text.raw for text in document.title.values()),
        "industry": document.industry.raw,
        "applies_to": ", ".join(text.raw for text in document.applies_to),
        "effective": ", ".join(f"{key} {text.raw}" for key, text in document.effective.items()),
        "running": document.running.raw,
        "principles": ", ".join(text.raw for text in document.principles),
    }


def _raw(table: Mapping[str, Text]) -> dict[str, str]:
    return {key: text.raw for key, text in table.items()}


def _tables(
    kind: Literal["HEADER", "ROTATION"], before: Mapping[str, str], after: Mapping[str, str]
) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield Difference(kind, name, before.get(name), after.get(name))


def _parameters(
    before: Mapping[str, Parameter], after: Mapping[str, Parameter]
) -> Iterator[Difference]:
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        unit = next((one.unit.raw for one in (new, old) if one and one.unit), None)
        if new is None and old is not None:
            yield Difference("PARAMETER_REMOVED", name, before=_written(old.value), unit=unit)
        elif old is None and new is not None:
            yield Difference("PARAMETER_ADDED", name, after=_written(new.value), unit=unit)
        elif old is not None and new is not None:
            yield from _parameter(old, new, unit)


def _parameter(old: Parameter, new: Parameter, unit: str | None) -> Iterator[Difference]:
    changes: tuple[tuple[DifferenceKind, str | None, str | None], ...] = (
        ("PARAMETER", _written(old.value), _written(new.value)),
        ("PARAMETER_RANGE", _range(old), _range(new)),
        ("PARAMETER_SOURCE", old.source.raw, new.source.raw),
    )
    for kind, before, after in changes:
        if before != after:
            measured = unit if kind == "PARAMETER" else None
            yield Difference(kind, new.name, before, after, unit=measured)


def _written(value: Written) -> str:
    return value.raw if isinstance(value, Text) else ", ".join(word.raw for word in value)


def _range(parameter: Parameter) -> str | None:
    if parameter.words is not None:
        return ", ".join(word.raw for word in parameter.words)
    if parameter.least is None or parameter.most is None:
        return None
    return f"{parameter.least.raw}..{parameter.most.raw}"


def _decisions(
    before: Mapping[str, Decision], after: Mapping[str, Decision]
) -> Iterator[Difference]:
    for name in dict.fromkeys([*after, *before]):
        if name not in after:
            yield Difference("DECISION_REMOVED", name, decision=name)
        elif name not in before:
            yield Difference("DECISION_ADDED", name, decision=name)
        else:
            yield from _decision(before[name], after[name])


def _decision(before: Decision, after: Decision) -> Iterator[Difference]:
    old = {rule.id.raw: rule for rule in before.all_rules}
    new = {rule.id.raw: rule for rule in after.all_rules}
    for rule_id, rule in old.items():
        if rule_id not in new:
            gone: dict[Locale, str] = {}
            yield Difference("RULE_REMOVED", rule_id, decision=after.name, says=(_says(rule), gone))
    for rule_id, rule in new.items():
        if rule_id not in old:
            none: dict[Locale, str] = {}
            yield Difference("RULE_ADDED", rule_id, decision=after.name, says=(none, _says(rule)))
        else:
            yield from _rule(after.name, old[rule_id], rule)
    yield from _moved(after.name, list(old), list(new))


def _rule(decision: str, old: Rule, new: Rule) -> Iterator[Difference]:
    rule_id = new.id.raw
    asked, asks = [line.raw for line in old.when], [line.raw for line in new.when]
    for line in _without(asks, asked):
        yield Difference("RULE_ASKS", rule_id, after=line, decision=decision)
    for line in _without(asked, asks):
        yield Difference("RULE_ASKS_NO_MORE", rule_id, before=line, decision=decision)
    decided, decides = _raw(old.then), _raw(new.then)
    for part in dict.fromkeys([*decided, *decides]):
        before, after = decided.get(part), decides.get(part)
        if before != after:
            yield Difference("RULE_DECIDES", rule_id, before, after, decision, part)
    if old.source.raw != new.source.raw:
        yield Difference("RULE_SOURCE", rule_id, old.source.raw, new.source.raw, decision)
    if _says(old) != _says(new):
        says = (_says(old), _says(new))
        yield Difference("RULE_SAYS", rule_id, decision=decision, says=says)


def _says(rule: Rule) -> dict[Locale, str]:
    return {locale: text.raw for locale, text in rule.says.items()}


def _without(lines: Sequence[str], others: Sequence[str]) -> list[str]:
    left = list(others)
    found = []
    for line in lines:
        if line in left:
            left.remove(line)
        else:
            found.append(line)
    return found


def _moved(decision: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Name the fewest rules whose moving explains the new order of those in both."""
    there, here = (
        [one for one in ids if one in set(other)] for ids, other in ((old, new), (new, old))
    )
    places = {rule_id: place for place, rule_id in enumerate(there)}
    stayed = _longest_rising([places[rule_id] for rule_id in here])
    for place, rule_id in enumerate(here):
        if places[rule_id] not in stayed:
            yield Difference(
                "RULE_MOVED",
                rule_id,
                before=_behind(there, places[rule_id]),
                after=_behind(here, place),
                decision=decision,
            )


def _behind(ids: Sequence[str], place: int) -> str:
    return ids[place - 1] if place else ""


def _longest_rising(numbers: Sequence[int]) -> frozenset[int]:
    """Return the numbers of a longest rising subsequence."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    found = set()
    last: int | None = tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return frozenset(found)


def _tests(before: Document, after: Document) -> Iterable[Difference]:
    old, new = ([repr(_test_of(one)) for one in of.tests] for of in (before, after))
    added, removed = len(_without(new, old)), len(_without(old, new))
    if added or removed:
        yield Difference("TESTS", "tests", before=str(removed), after=str(added))


def _test_of(trial: Trial) -> object:
    # The places of a test are no part of what it says.
    params = {name: _written(value) for name, value in trial.params.items()}
    tables = (params, _raw(trial.given), _raw(trial.expect))
    return trial.decision.raw, [sorted(table.items()) for table in tables]
