"""The shipped rulebooks, to be read, copied, published, and to complete what is older than they."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from service.policies import policies_folder
from service.policies.rulebooks.document import parse


@dataclass(frozen=True, slots=True)
class Pack:
    """The head of a shipped rulebook, by its file's name."""

    code: str
    policy: str
    industry: str
    titles: dict[str, str]


def pack_codes() -> tuple[str, ...]:
    """Return the codes of the shipped rulebooks, in alphabetical order."""
    return tuple(sorted(file.stem for file in _folder().glob("*.yaml")))


def pack_text(code: str) -> str | None:
    """Return the whole text of a shipped rulebook; None when there is none of that code."""
    return (_folder() / f"{code}.yaml").read_text("utf-8") if code in pack_codes() else None


@cache
def pack_document(code: str) -> dict[str, Any]:
    """Return a shipped rulebook as versions store it; each is read once.

    Raises:
        KeyError: there is none of that code.
    """
    text = pack_text(code)
    if text is None:
        raise KeyError(code)
    document: dict[str, Any] = parse(text).to_json()
    return document


@cache
def packs() -> tuple[Pack, ...]:
    """Return the heads of the shipped rulebooks by code; they are read once."""
    return tuple(map(_pack, pack_codes()))


def _pack(code: str) -> Pack:
    document = parse(pack_text(code) or "")
    return Pack(
        code=code,
        policy=document.policy.raw,
        industry=document.industry.raw,
        titles={str(locale): title.raw for locale, title in document.title.items()},
    )


def _folder() -> Path:
    return policies_folder() / "rulebooks"
