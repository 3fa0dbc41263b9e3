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
        "params": {**stored["params"], **unknown},
        "decisions": {**stored["decisions"], **added},
    }
