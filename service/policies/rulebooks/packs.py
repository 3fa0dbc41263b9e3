"""The shipped rulebooks, to be read, copied and published by whoever may."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service.policies import policies_folder
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.parts import Document


@dataclass(frozen=True, slots=True)
class Pack:
    """A shipped rulebook: its file's name, its head, and the whole text."""

    code: str
    policy: str
    industry: str
    titles: dict[str, str]
    text: str


@cache
def packs() -> tuple[Pack, ...]:
    """Return the shipped rulebooks by code; they are read once."""
    files = sorted((policies_folder() / "rulebooks").glob("*.yaml"))
    return tuple(map(_pack, files))


def _pack(file: Path) -> Pack:
    text = file.read_text("utf-8")
    document: Document = parse(text)
    return Pack(
        code=file.stem,
        policy=document.policy.raw,
        industry=document.industry.raw,
        titles={str(locale): title.raw for locale, title in document.title.items()},
        text=text,
    )
