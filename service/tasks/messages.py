"""What tasks and notifications say to a person, from one catalogue in the product's languages."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import yaml

TASKS, NOTIFICATIONS = "tasks", "notifications"
# Stands for what is not known any more, or not the reader's to know.
UNKNOWN: Final = "…"


class _Known(dict[str, str]):
    """The values of a sentence; one that is missing is left open, for a sentence must be shown."""

    def __missing__(self, name: str) -> str:
        return UNKNOWN


@cache
def messages(part: str) -> Mapping[str, Mapping[str, str]]:
    """Return the sentences of tasks or of notifications, by kind and language."""
    read = yaml.safe_load(Path(__file__).with_name("messages.yaml").read_text("utf-8"))
    found: Mapping[str, Mapping[str, str]] = read[part]
    return found


def message(part: str, kind: str, locale: str, values: Mapping[str, str]) -> str:
    """Word a task or a notification; a kind of a later release is shown as its bare word."""
    sentences = messages(part).get(kind)
    return kind if sentences is None else sentences[locale].format_map(_Known(values))
