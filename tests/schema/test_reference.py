"""The reference in the documents: whole, linked, and what the code says."""

import re
from collections.abc import Mapping

import pytest
from builders.api import SCHEMA

from service.errors import LOCALES, catalogue
from service.schema.printed import FILE
from service.schema.reference.codes import of_several
from service.schema.reference.pages import FOLDER, differing, pages

TEXT = FILE.read_text("utf-8")
LINK = re.compile(r"\]\(([a-z]+\.md)(?:#([a-z0-9]+))?\)")


@pytest.fixture(scope="module")
def made() -> Mapping[str, str]:
    return pages(TEXT)


def test_the_pages_are_what_the_code_says() -> None:
    assert differing(TEXT) == [], "python -m service.schema.printed --write"


def test_a_changed_word_of_the_schema_is_seen_in_the_pages() -> None:
    assert differing(TEXT.replace("A telephone number.", "A number.")) == ["scalars.md"]


def test_every_link_leads_to_a_heading(made: Mapping[str, str]) -> None:
    headings = {
        name: {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}
        for name, text in made.items()
    }
    links = {(page, *link) for page, text in made.items() for link in LINK.findall(text)}
    assert len(links) > 100
    for page, target, anchor in links:
        assert (FOLDER / target).exists(), (page, target)
        assert not anchor or anchor in headings[target], (page, target, anchor)


def test_every_root_field_and_every_code_has_its_place(made: Mapping[str, str]) -> None:
    roots = SCHEMA._schema.query_type, SCHEMA._schema.mutation_type
    for kind, name in zip(roots, ("queries.md", "mutations.md"), strict=True):
        assert kind is not None
        for field in kind.fields:
            assert f"\n## {field}\n" in made[name]
    for code, entry in catalogue().items():
        assert f"\n### {code}\n" in made["errors.md"]
        assert all(
            of_several(entry.sentences[locale]).split("|")[0] in made["errors.md"]
            for locale in LOCALES
        )
