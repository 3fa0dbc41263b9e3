"""Names in the product's three languages, as commands take them and tables keep them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from service.errors import LOCALES, FieldPath, InvalidInput, Refusal, Refusals


@dataclass(frozen=True, slots=True)
class Texts:
    """One text in the three languages."""

    en: str
    zh_hant: str
    zh_hans: str

    def by_locale(self) -> dict[str, str]:
        """Return the texts under their language tags, trimmed."""
        texts = (self.en, self.zh_hant, self.zh_hans)
        return dict(zip(LOCALES, (text.strip() for text in texts), strict=True))

    def faults(self, field: FieldPath, at_most: int = 200) -> Iterator[Refusal]:
        """Yield what is wrong with each of them: empty, too long, not one line."""
        for name, text in (("en", self.en), ("zhHant", self.zh_hant), ("zhHans", self.zh_hans)):
            yield from line_faults(text, (*field, name), at_most)


def line_faults(text: str, field: FieldPath, at_most: int = 200) -> Iterator[Refusal]:
    """Yield what is wrong with a text that must be one line of bounded length."""
    if not 1 <= len(text.strip()) <= at_most or not text.isprintable():
        yield InvalidInput(field=field, expected="LINE", least=1, most=at_most)


def refuse_faults(faults: Iterable[Refusal]) -> None:
    """Raise all faults of an input together.

    Raises:
        Refusals: there is one at least.
    """
    found = tuple(faults)
    if found:
        raise Refusals(found)
