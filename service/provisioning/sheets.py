"""A strict view of one YAML file: every fault is named by file and key.

A template is edited by people who do not read Python. A misspelt key that is silently ignored
would cost a tenant a duty, so nothing unknown passes and nothing is guessed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LOCALES = ("en", "zh-Hant", "zh-Hans")

# Both build plain values only; the one in C is ten times as fast, and not in every installation.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


class TemplateBroken(Exception):
    """A shipped file cannot be used; the message names the file, the key and the fault."""

    def __init__(self, file: str, key: str, fault: str) -> None:
        super().__init__(f"{file}: {key}: {fault}" if key else f"{file}: {fault}")
        self.file = file
        self.key = key
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Words:
    """One text in the three languages of the product."""

    en: str
    zh_hant: str
    zh_hans: str

    def by_locale(self) -> dict[str, str]:
        """Return the texts under their language tags, as they are stored and served."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One mapping of a file, with the way to it, so that a fault can say where it is."""

    file: str
    key: str
    entries: Mapping[str, Any]

    @classmethod
    def read(cls, folder: Path, name: str) -> "Sheet":
        """Read `folder/name`, or raise TemplateBroken if it is missing or no mapping."""
        file = f"{folder.name}/{name}"
        try:
            text = (folder / name).read_text(encoding="utf-8")
            _refuse_double_keys(yaml.compose(text, Loader=_LOADER))
            content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - one of the two safe loaders
        except FileNotFoundError as error:
            raise TemplateBroken(file, "", "the file does not exist") from error
        except yaml.YAMLError as error:
            raise TemplateBroken(file, "", f"not readable as YAML: {error}") from error
        return cls.over(file, "", content)

    @classmethod
    def over(cls, file: str, key: str, content: object) -> "Sheet":
        """Wrap a value that must be a mapping with text keys."""
        if not isinstance(content, dict):
            raise TemplateBroken(file, key, "a mapping is expected")
        for name in content:
            if not isinstance(name, str):
                raise TemplateBroken(file, key, f"the key {name!r} must be text; quote it")
        return cls(file, key, content)

    def broken(self, name: str, fault: str) -> TemplateBroken:
        """Return the exception for a fault at `name` below this mapping."""
        return TemplateBroken(self.file, self._at(name), fault)

    def has_keys(self, required: Collection[str], optional: Collection[str] = ()) -> None:
        """Refuse missing and unknown keys."""
        for name in required:
            if name not in self.entries:
                raise self.broken(name, "is missing")
        for name in self.entries:
            if name not in required and name not in optional:
                known = ", ".join(sorted({*required, *optional}))
                raise self.broken(name, f"unknown key (known here: {known})")

    def has(self, name: str) -> bool:
        """Say whether an optional key is given."""
        return name in self.entries

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        value = self.entries[name]
        if not isinstance(value, str) or not value.strip():
            raise self.broken(name, f"a text is expected, not {value!r}")
        return value.strip()

    def number(self, name: str, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.entries[name]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.broken(name, f"a whole number from {low} to {high} is expected")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; absent means false."""
        value = self.entries.get(name, False)
        if not isinstance(value, bool):
            raise self.broken(name, "true or false is expected")
        return value

    def word(self, name: str, allowed: Collection[str]) -> str:
        """Return a text of a closed list."""
        value = self.text(name)
        if value not in allowed:
            raise self.broken(name, f"{value!r} is none of {', '.join(sorted(allowed))}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts without repetition; absent means empty."""
        values = self.entries.get(name, [])
        if not isinstance(values, list):
            raise self.broken(name, "a list is expected")
        for position, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                raise self.broken(f"{name}[{position}]", f"a text is expected, not {value!r}")
        if len(set(values)) < len(values):
            raise self.broken(name, "an entry is written twice")
        return tuple(values)

    def words(self, name: str) -> Words:
        """Return one text in all three languages."""
        sheet = self.sheet(name)
        sheet.has_keys(LOCALES)
        return Words(sheet.text("en"), sheet.text("zh-Hant"), sheet.text("zh-Hans"))

    def sheet(self, name: str) -> "Sheet":
        """Return the mapping under a key."""
        return Sheet.over(self.file, self._at(name), self.entries[name])

    def named(self, name: str) -> "Iterator[tuple[str, Sheet]]":
        """Yield the mappings below a mapping, with their keys."""
        below = self.sheet(name)
        for key in below.entries:
            yield key, below.sheet(key)

    def listed(self, name: str) -> "list[Sheet]":
        """Return the mappings of a list; absent means empty."""
        values = self.entries.get(name, [])
        if not isinstance(values, list):
            raise self.broken(name, "a list is expected")
        return [
            Sheet.over(self.file, self._at(f"{name}[{position}]"), value)
            for position, value in enumerate(values)
        ]

    def _at(self, name: str) -> str:
        return ".".join(part for part in (self.key, name) if part)


def _refuse_double_keys(node: yaml.Node | None) -> None:
    """Raise YAMLError for a key written twice: YAML would silently keep the last one.

    Only mappings, lists and texts are expected; a file of ours is never deep.
    """
    if isinstance(node, yaml.SequenceNode):
        for below in node.value:
            _refuse_double_keys(below)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, below in node.value:
            if str(key.value) in seen:
                line = key.start_mark.line + 1
                raise yaml.YAMLError(f"the key {key.value!r} is written twice (line {line})")
            seen.add(str(key.value))
            _refuse_double_keys(below)
