"""All pages of the reference: made, written, compared."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from graphql import build_schema

from service.errors import catalogue
from service.policies.rulebooks.editor_schema import editor_schema
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.schema.reference.codes import codes_page
from service.schema.reference.types import Reference

FOLDER: Final = Path(__file__).parents[3] / "docs" / "reference"
_INDEX: Final = """\
# Reference

Written from the schema and the catalogue of codes by `python -m service.schema.printed --write`;
how the API is used is told in [../api-clients.md](../api-clients.md).

"""


def pages(text: str) -> Mapping[str, str]:
    """Return the page of every file, from a schema's text."""
    schema = build_schema(text, assume_valid_sdl=True, no_location=True)
    found = dict(Reference(schema).pages())
    found["errors.md"] = codes_page(catalogue())
    index = "".join(
        f"- [{page.splitlines()[0].removeprefix('# ')}]({name})\n" for name, page in found.items()
    )
    schemas = _rulebook_schemas()
    index += "".join(
        f"- [JSON Schema of the rulebook {policy}]({name}), for editors\n"
        for policy, name in zip(sorted(VOCABULARIES), schemas, strict=True)
    )
    return {"README.md": _INDEX + index, **found, **schemas}


def _rulebook_schemas() -> dict[str, str]:
    return {
        f"{policy}.schema.json": json.dumps(editor_schema(one), ensure_ascii=False, indent=1) + "\n"
        for policy, one in sorted(VOCABULARIES.items())
    }


def _written() -> list[Path]:
    return [*FOLDER.glob("*.md"), *FOLDER.glob("*.schema.json")]


def write(text: str) -> None:
    """Write every page of a schema's text, and remove what is none of them."""
    wanted = pages(text)
    FOLDER.mkdir(exist_ok=True)
    for old in _written():
        if old.name not in wanted:
            old.unlink()
    for name, page in wanted.items():
        (FOLDER / name).write_text(page, "utf-8")


def differing(text: str) -> list[str]:
    """Return the pages that are not what a schema's text and the catalogue say."""
    wanted = pages(text)
    found = {path.name: path.read_text("utf-8") for path in _written()}
    return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
