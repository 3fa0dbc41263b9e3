"""The reference in the documents: whole, linked, and what the code says."""

import re

from graphql import build_schema

from service.errors import LOCALES, catalogue
from service.schema.printed import FILE
from service.schema.reference.codes import of_several
from service.schema.reference.pages import FOLDER, differing, pages

TEXT = FILE.read_text("utf-8")
SCHEMA = build_schema(TEXT)
PAGES = pages(TEXT)
LINK = re.compile(r"\]\(([a-z]+\.md)(?:#([a-z0-9]+))?\)")


def test_the_pages_are_what_the_code_says() -> None:
    assert differing(TEXT) == [], "python -m service.schema.printed --write"


def test_a_changed_word_of_the_schema_is_seen_in_the_pages() -> None:
    assert differing(TEXT.replace("A telephone number.", "A number.")) == ["scalars.md"]


def test_every_link_leads_to_a_heading() -> None:
    headings = {
        name: {line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")}
        for name, text in PAGES.items()
    }
    links = {(page, *link) for page, text in PAGES.items() for link in LINK.findall(text)}
    assert len(links) > 100
    for page, target, anchor in links:
        assert (FOLDER / target).exists(), (page, target)
        assert not anchor or anchor in headings[target], (page, target, anchor)


def test_every_root_field_and_every_code_has_its_place() -> None:
    for kind, name in ((SCHEMA.query_type, "queries.md"), (SCHEMA.mutation_type, "mutations.md")):
        assert kind is not None
        for field in kind.fields:
            assert f"\n## {field}\n" in PAGES[name]
    for code, entry in catalogue().items():
        assert f"\n### {code}\n" in PAGES["errors.md"]
        assert all(
            of_several(entry.sentences[locale]).split("|")[0] in PAGES["errors.md"]
            for locale in LOCALES
        )
