"""The shipped showroom rulebook, compiled, with parameters overridden."""

from functools import cache
from pathlib import Path

from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

_FILE = Path(__file__).parents[2] / "policies/rulebooks/showroom.yaml"


@cache
def showroom_document() -> Document:
    return parse(_FILE.read_text("utf-8"))


@cache
def showroom_rulebook(**overrides: bool | int | str) -> Rulebook:
    """Parameters are written with two underscores for the dot: tracking__days=10."""
    parameters = {name.replace("__", "."): value for name, value in overrides.items()}
    return compile_rulebook(showroom_document(), SHOWROOM, parameters)
