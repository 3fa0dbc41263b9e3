"""Stories of a showroom, as scenario files tell them: read, checked, turned into steps.

    - {id: A01, t: title, rule: "clause", policy: {parameter: value}, steps: ["<step>", …]}
    step = MM-DD HH:MM verb positional… key=value… [ -> expected-key=value … ]

Times are local to the site, of the year 2026. Pure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import yaml

YEAR = 2026
ZONE = ZoneInfo("Asia/Shanghai")
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_STEP = re.compile(r"(?P<at>\d\d-\d\d \d\d:\d\d) (?P<verb>[a-z_]+)(?P<rest>.*)", re.DOTALL)


class StoriesUnreadable(Exception):
    """A scenario file that is no list of stories; the message names file and place."""


class Unsupported(Exception):
    """What this release cannot play; the story is reported, never skipped in silence."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a story.

    Attributes:
        text: the line as written.
        at: when it happens (UTC).
        words: positional arguments.
        options: `key=value` arguments.
        expected: answers that must come back exactly; keys not named are free.
    """

    text: str
    at: datetime
    verb: str
    words: tuple[str, ...]
    options: Mapping[str, str]
    expected: Mapping[str, str]

    def option(self, name: str, otherwise: str = "") -> str:
        """Return an option's value, or what stands for its absence."""
        return self.options.get(name, otherwise)


@dataclass(frozen=True, slots=True)
class Story:
    """An independent tale that begins in an empty showroom."""

    id: str
    title: str
    rule: str
    policy: Mapping[str, object]
    steps: tuple[Step, ...] = field(default=())


def read_stories(text: str, source: str) -> list[Story]:
    """Read a scenario file.

    Raises:
        StoriesUnreadable: not YAML, not a list of stories, or a step of no known shape.
    """
    try:
        raw = _read(text)
    except yaml.YAMLError as error:
        raise StoriesUnreadable(f"{source}{_told(error)}") from error
    if not isinstance(raw, list):
        raise StoriesUnreadable(f"{source}: a list of stories is expected")
    stories = [_story(item, f"{source}: story {number}") for number, item in enumerate(raw, 1)]
    ids = [story.id for story in stories]
    twice = sorted({id_ for id_ in ids if ids.count(id_) > 1})
    if twice:
        raise StoriesUnreadable(f"{source}: {', '.join(twice)} stands twice")
    return stories


def _read(text: str) -> object:
    try:
        return yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders
    except yaml.YAMLError:
        # The slow reader says better what is wrong, and where.
        return yaml.safe_load(text)


def _told(error: yaml.YAMLError) -> str:
    """Say where a text is no YAML, as editors and compilers count, and why."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark, problem = error.problem_mark, error.problem or error.context
        return f":{mark.line + 1}:{mark.column + 1}: no YAML: {problem}"
    return f": no YAML: {str(error).splitlines()[0]}"


def _story(item: object, place: str) -> Story:
    if not isinstance(item, dict) or not {"id", "steps"} <= item.keys():
        raise StoriesUnreadable(f"{place}: `id` and `steps` are expected")
    policy = item.get("policy") or {}
    if not isinstance(policy, dict) or not isinstance(item["steps"], list):
        raise StoriesUnreadable(f"{place}: `policy` is a mapping and `steps` a list")
    steps = tuple(read_step(str(line), f"{place} ({item['id']})") for line in item["steps"])
    title, rule = str(item.get("t", "")), str(item.get("rule", ""))
    return Story(str(item["id"]), title, rule, policy, steps)


def read_step(line: str, place: str = "step") -> Step:
    """Read one step.

    Raises:
        StoriesUnreadable: it does not begin with a time and a verb.
    """
    done, _, expected = line.partition("->")
    found = _STEP.fullmatch(done.strip())
    if found is None:
        raise StoriesUnreadable(f"{place}: “{line}” is no step")
    try:
        at = local(found["at"])
    except ValueError as error:
        raise StoriesUnreadable(f"{place}: “{found['at']}” is no time") from error
    words, options = _arguments(found["rest"].split())
    _, expectations = _arguments(expected.split())
    return Step(line, at, found["verb"], words, options, expectations)


def local(text: str) -> datetime:
    """Return the instant of `MM-DD HH:MM` at the site."""
    moment = datetime.strptime(f"{YEAR}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
    return moment.astimezone(UTC)


def _arguments(parts: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    words = tuple(part for part in parts if "=" not in part)
    options = dict(part.split("=", 1) for part in parts if "=" in part)
    return words, options
