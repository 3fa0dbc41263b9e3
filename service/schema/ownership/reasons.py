"""Why a deal's credit is as it is: a rule's sentence, or that the deal was cancelled."""

from collections.abc import Sequence
from typing import Any, Final, cast
from uuid import UUID

from service.policies.rulebooks.vocabulary.kinds import Label, Locale
from service.schema.planner.fallback import Reader
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import Finished
from service.schema.planner.plan import Selected
from service.schema.planner.sql import Writer
from service.schema.reasons import names_shown, reason, sentence_of

# Nobody decides on a cancellation by a rule: no clause stands behind this sentence.
_CANCELLED: Final = Label(
    "The deal was cancelled; nobody has credit of it.",
    "此成交已取消，無人享有業績。",
    "此成交已取消，无人享有业绩。",
)
REASONS: Final = """
(SELECT CASE WHEN t.cancelled_at IS NULL THEN jsonb_build_array(d.rulebook_version_id, d.rule,
    coalesce(d.outcome->'names', '{}')) END
 FROM app.decision d WHERE d.tenant_id = $1 AND d.id = t.credit_decision_id)
"""


def _raw(writer: Writer, _field: Selected) -> str:
    """Write the last decision's version, rule and names; an empty list of a cancelled deal."""
    named = names_shown(writer.outline, "coalesce(d.outcome->'names', '{}')")
    return (
        "(SELECT CASE WHEN t.cancelled_at IS NULL"
        f" THEN json_build_array(d.rulebook_version_id, d.rule, {named}) ELSE '[]' END"
        " FROM app.decision d WHERE d.tenant_id = $1 AND d.id = t.credit_decision_id)"
    )


async def _finish(finishing: Finishing, raw: Any, arguments: object) -> str:  # noqa: ANN401 - JSON
    return await reason(finishing, raw, arguments) if raw else of_cancelled(finishing.locale)


CREDIT_WHY: Final = Finished(_raw, _finish)


async def credit_reason(reader: Reader, kept: Sequence[Any] | None) -> str:
    """Return why the credit is as it is, of what `REASONS` brought of the deal."""
    if kept is None:
        return of_cancelled(reader.locale)
    version_row, rule, named = kept
    return await sentence_of(reader, UUID(version_row), rule, named)


def of_cancelled(locale: str) -> str:
    """Say that a deal was cancelled, in the reader's language."""
    return _CANCELLED.text(cast(Locale, locale))
