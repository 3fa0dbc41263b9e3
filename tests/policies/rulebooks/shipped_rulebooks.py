"""Every rulebook the product ships, by the name of its file: texts, documents, compiled."""

from functools import cache
from pathlib import Path

from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES

SHIPPED = {
    file.stem: file.read_text("utf-8")
    for file in (Path(__file__).parents[3] / "policies/rulebooks").glob("*.yaml")
}
# Variants of one policy have the same decisions; what costs much is asked of one of them.
OF_EACH_POLICY = sorted(name for name in SHIPPED if name in VOCABULARIES)


@cache
def document_of(name: str) -> Document:
    """Return a shipped document."""
    return parse(SHIPPED[name])


@cache
def rulebook_of(name: str) -> Rulebook:
    """Return a shipped rulebook, compiled."""
    document = document_of(name)
    return compile_rulebook(document, VOCABULARIES[document.policy.raw])
