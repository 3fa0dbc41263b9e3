"""A registered visitor turns out to be a competitor's survey: his entries fall (五(五)2)."""

from collections.abc import Sequence
from uuid import UUID

from service.database.session import Row
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.voiding import fail_claims
from service.ownership.events import SurveyEntryVoided
from service.ownership.tables import RegistrationResult
from service.policies.rulebooks.rulebook import Outcome
from service.rulebooks.in_force import InForce, version
from service.work import UnitOfWork

# Whatever was handed on, given out or awarded was decided on as what it is: who, and his number.
_GIVEN = dict.fromkeys(("name_given", "phone_given", "document_given", "face_given"), True)


async def void_survey_entries(work: UnitOfWork, in_force: InForce, visit_id: UUID) -> list[UUID]:
    """Void what was registered of a visitor who is a survey, and return the entries' ids.

    Each valid entry that rests on the visit is asked about again, in the words of the version it
    was decided by, with the one fact that was not known then; where it would not have been valid,
    it falls, with that rule and its clause. So do claims that rest on it while their deals are
    open, as with a finding; final deals stay, and nobody's register or dispute is touched. The
    caller has authorised and holds the locks of the site's queue and of the visit. Locks the
    registers, their entries, the deals.

    Args:
        work: the unit of work.
        in_force: the rulebook in force at the site, which judges the claims.
        visit_id: the visit.
    """
    await facts.lock_books_of_visit(work, visit_id)
    fallen: list[UUID] = []
    for row in await facts.valid_entries_of_visit(work, visit_id):
        decided_by = await version(work, row["rulebook_version_id"])
        asked = {**(row["facts"] if row["of_entry"] else _GIVEN), "survey_visitor": True}
        outcome = decided_by.rulebook.decide("registration", asked)
        if outcome.then["result"] != RegistrationResult.VALID:
            _tell(work, decided_by, row, asked, outcome)
            fallen.append(row["id"])
    if fallen:
        _void(work, fallen)
        await fail_claims(work, in_force, fallen)
    return fallen


def _void(work: UnitOfWork, registration_ids: Sequence[UUID]) -> None:
    work.write(
        "registration",
        "UPDATE app.registration SET voided_at = {}::timestamptz, version = version + 1"
        " WHERE tenant_id = {}::uuid AND id = ANY({}::uuid[])",
        work.now,
        work.tenant_id,
        list(registration_ids),
        expected=len(registration_ids),
    )


def _tell(
    work: UnitOfWork,
    decided_by: InForce,
    row: Row,
    asked: dict[str, bool | int],
    outcome: Outcome,
) -> None:
    """Keep why an entry is void, for whose it is, and have him told."""
    subject = Subject(
        "registration", row["id"], row["member_id"], row["org_unit_id"], row["territory_id"]
    )
    names = {"rep": row["member_id"], "customer": row["party_id"]}
    behind = {"visits": [row["visit_id"]]}
    ruling = Ruling(DecisionKind.REGISTRATION, asked, outcome, names, behind)
    keep(work, decided_by, subject, ruling)
    if row["superseded_at"] is None:
        work.emit(SurveyEntryVoided(row["id"], row["member_id"], row["party_id"], row["visit_id"]))
