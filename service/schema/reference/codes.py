"""The page of codes: why something is refused, and what a person reads, in three languages."""

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Final

from service.errors import LOCALES, CatalogueEntry
from service.schema.errors import ErrorCategory
from service.schema.reference.markdown import page, table

_ONE_OR_OTHER: Final = re.compile(r"\{\w+:[^|{}]*\|([^|{}]*)\}")
_ABOUT: Final = """\
Every code that the API answers, by its category: in the `errors` of a payload, in the top-level
`errors` under `extensions.code`, or as `error` under `/auth`. A code is stable and never reused;
the sentence may change and is for people. What stands in braces is filled in, and is sent beside
the sentence as `arguments`, so that a client can word its own.
"""


def codes_page(catalogue: Mapping[str, CatalogueEntry]) -> str:
    """Write the page of all codes."""
    return page("Errors", _ABOUT, _sections(catalogue))


def _sections(catalogue: Mapping[str, CatalogueEntry]) -> Iterator[list[str]]:
    entries = sorted(catalogue.items(), key=lambda item: (item[1].category.value, item[0]))
    for category, found in groupby(entries, key=lambda item: item[1].category.value):
        means = _category_means(category)
        yield [f"## {category}", "", means, ""]
        for code, entry in found:
            sentences = ((locale, of_several(entry.sentences[locale])) for locale in LOCALES)
            yield [f"### {code}", "", entry.means, "", *table(("language", "sentence"), sentences)]


def of_several(sentence: str) -> str:
    """Return a sentence as it reads of any number but one: `{rows:row|rows}` is `rows`."""
    return _ONE_OR_OTHER.sub(r"\1", sentence)


def _category_means(category: str) -> str:
    values = ErrorCategory.__strawberry_definition__.values  # type: ignore[attr-defined]  # strawberry sets it
    return next(value.description or "" for value in values if value.name == category)
