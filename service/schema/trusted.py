"""Trusted documents: what our own clients ask, known by its hash before anybody asks it.

A folder holds the manifests that the clients' builds write, one of each client and release:
`CLIENT/RELEASE.json`. Relay and the client preset write `{hash: text}`, Apollo
`{"format": "apollo-persisted-query-manifest", "operations": [{"id": hash, "body": text}]}`. Every
hash must be the SHA-256 of its text. Nothing is ever added at run time: that would be a cache which
strangers fill.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

PREFIX: Final = "sha256:"
_APOLLO: Final = "apollo-persisted-query-manifest"
_HEX_DIGITS: Final = 64


class ManifestBroken(Exception):
    """A manifest that cannot be registered; the message is one sentence that names it."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a client, by the folder and name of its manifest."""

    client: str
    name: str

    def __str__(self) -> str:
        return f"{self.client} {self.name}"


@dataclass(frozen=True, slots=True)
class Registered:
    """A document that clients may name by its hash.

    Attributes:
        id: `sha256:` and the hash of its text.
        releases: which clients bring it.
    """

    id: str
    text: str
    releases: tuple[Release, ...]


def document_id(text: str) -> str:
    """Return the id of a document's text."""
    return PREFIX + hashlib.sha256(text.encode()).hexdigest()


def read_manifests(folder: Path) -> Mapping[str, Registered]:
    """Read every manifest of a folder; documents by their ids.

    Raises:
        ManifestBroken: the folder is missing, or a file is no manifest with the right hashes.
    """
    if not folder.is_dir():
        raise ManifestBroken(f"{folder} is no folder of manifests.")
    texts: dict[str, str] = {}
    releases: dict[str, list[Release]] = {}
    for file in sorted(folder.rglob("*.json")):
        release = Release(file.parent.name if file.parent != folder else file.stem, file.stem)
        for key, text in _entries(file):
            name = document_id(text)
            if key.removeprefix(PREFIX).lower() != name.removeprefix(PREFIX):
                raise ManifestBroken(
                    f"{file.name}: {key} is not the SHA-256 of its document; set the build's hash"
                    " algorithm to SHA-256."
                )
            texts[name] = text
            releases.setdefault(name, []).append(release)
    return {name: Registered(name, text, tuple(releases[name])) for name, text in texts.items()}


def asked_id(given: str) -> str:
    """Return a document's id as a client may write it: with `sha256:`, or the hash alone."""
    return given if given.startswith(PREFIX) or len(given) != _HEX_DIGITS else PREFIX + given


def _entries(file: Path) -> Iterator[tuple[str, str]]:
    try:
        manifest: Any = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ManifestBroken(f"{file.name} cannot be read as JSON.") from error
    if isinstance(manifest, dict) and manifest.get("format") == _APOLLO:
        operations = manifest.get("operations")
        found = (
            [(one.get("id"), one.get("body")) for one in operations if isinstance(one, dict)]
            if isinstance(operations, list)
            else [(None, None)]
        )
    elif isinstance(manifest, dict):
        found = list(manifest.items())
    else:
        found = [(None, None)]
    for key, text in found:
        if not isinstance(key, str) or not isinstance(text, str):
            raise ManifestBroken(
                f"{file.name} is no manifest of Relay, the client preset or Apollo."
            )
        yield key, text
