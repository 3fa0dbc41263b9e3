"""All pages of the reference: made, written, compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from graphql import build_schema

from service.errors import catalogue
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
    found = dict(Reference(build_schema(text)).pages())
    found["errors.md"] = codes_page(catalogue())
    index = "".join(
        f"- [{page.splitlines()[0].removeprefix('# ')}]({name})\n" for name, page in found.items()
    )
    return {"README.md": _INDEX + index, **found}


def write(text: str) -> None:
    """Write every page of a schema's text, and remove what is none of them."""
    wanted = pages(text)
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.md"):
        if old.name not in wanted:
            old.unlink()
    for name, page in wanted.items():
        (FOLDER / name).write_text(page, "utf-8")


def differing(text: str) -> list[str]:
    """Return the pages that are not what a schema's text and the catalogue say."""
    wanted = pages(text)
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    return sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
