"""A version that was written before the product asked some of its questions.

Published versions never change and decide for ever, but the product learns: a text of an earlier
release says nothing of what was not asked then. What it does not speak of, the shipped rulebook of
its policy decides, with the shipped parameters; what it does speak of is untouched.
"""

from collections.abc import Mapping
from typing import Any

from service.policies.rulebooks.packs import pack_document
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES


def completed(stored: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a stored document with the decisions that it lacks and the product asks for.

    Args:
        stored: as JSON has it; the same is returned where nothing is missing.
    """
    vocabulary = VOCABULARIES[stored["policy"]]
    missing = [
        name
        for name, words in vocabulary.decisions.items()
        if words.required and name not in stored["decisions"]
    ]
    if not missing:
        return stored
    shipped = pack_document(stored["policy"])
    unknown = {name: one for name, one in shipped["params"].items() if name not in stored["params"]}
    added = {name: shipped["decisions"][name] for name in missing}
    return {
        **stored,
        "params": {**_widened(stored["params"], shipped["params"]), **unknown},
        "decisions": {**stored["decisions"], **added},
    }


def _widened(
    params: Mapping[str, Any], shipped: Mapping[str, Any]
) -> Mapping[str, Mapping[str, Any]]:
    """Return parameters that know the words of today; their values are as they were.

    What was added asks about words that an earlier release did not have.
    """
    widened = {}
    for name, one in params.items():
        words = shipped.get(name, {}).get("words")
        if words is not None and "words" in one:
            more = [word for word in words if word not in one["words"]]
            one = {**one, "words": [*one["words"], *more]}  # noqa: PLW2901 - the same parameter
        widened[name] = one
    return widened
