"""What territories and their models say no with, and what their constraints mean."""

from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers, lost_race
from service.errors import NotFound, Refusal
from service.organisation.errors import AlreadyAssigned, SpanInvalid


@dataclass(eq=False, kw_only=True)
class TerritoryModelPublished(Refusal):
    """The model has been activated: what it says is others' past, or announced to them."""

    code: ClassVar[str] = "TERRITORY_MODEL_PUBLISHED"


@dataclass(eq=False, kw_only=True)
class TerritoryModelArchived(Refusal):
    """The model was put away."""

    code: ClassVar[str] = "TERRITORY_MODEL_ARCHIVED"


@dataclass(eq=False, kw_only=True)
class TerritoryModelInForce(Refusal):
    """The model is in force then already, or is to be."""

    code: ClassVar[str] = "TERRITORY_MODEL_IN_FORCE"


@dataclass(eq=False, kw_only=True)
class TerritoryDayTaken(Refusal):
    """Another model begins at that very instant; it is taken back first."""

    code: ClassVar[str] = "TERRITORY_DAY_TAKEN"


@dataclass(eq=False, kw_only=True)
class TerritoriesLeftOut(Refusal):
    """Territories that customers, members, posts or sites are in have no place in the model."""

    code: ClassVar[str] = "TERRITORIES_LEFT_OUT"

    territories: str


@dataclass(eq=False, kw_only=True)
class TerritoryActivationBegun(Refusal):
    """The activation has begun, or was taken back: nothing of the past is changed."""

    code: ClassVar[str] = "TERRITORY_ACTIVATION_BEGUN"


@dataclass(eq=False, kw_only=True)
class TerritoryHasOwner(Refusal):
    """The territory has an owner then, or an empty owner's seat: one takes that over."""

    code: ClassVar[str] = "TERRITORY_HAS_OWNER"


answers(
    "territory_assignment_one_owner_excl",
    lambda _: TerritoryHasOwner(field=("input", "territoryId")),
)
answers("territory_assignment_once_excl", lambda _: AlreadyAssigned(field=("input", "memberId")))
answers("territory_assignment_lasts_check", lambda _: SpanInvalid(field=("input", "validUntil")))
lost_race("territory_assignment_one_in_a_seat_excl")


@dataclass(eq=False, kw_only=True)
class TerritoryRuleFaulty(Refusal):
    """The condition cannot be read, or asks for what the company does not know of customers."""

    code: ClassVar[str] = "TERRITORY_RULE_FAULTY"

    problem: str
    column: int


# Two at once: the loser runs again and meets the winner's rows.
for _key in (
    "account_trait_code_key",
    "party_trait_party_id_account_trait_id_key",
    "territory_account_territory_model_id_party_id_key",
    "territory_move_once_key",
    "territory_move_seat_once_key",
    "territory_return_territory_model_id_party_id_key",
):
    lost_race(_key)

# Codes are looked up before they are written; of two at once the loser runs again and finds it.
lost_race("territory_model_code_key")
# Two activations, or two placings of one territory, at once: the loser meets the winner's row.
lost_race("territory_activation_one_at_a_time_excl")
lost_race("territory_place_once_excl")
answers("territory_activation_lasts_check", lambda _: SpanInvalid(field=("input", "activeOn")))

# Looked up before they are written; a row that went since is just not there.
for _key in (
    "territory_model_based_on_id_fk",
    "territory_activation_territory_model_id_fk",
    "territory_place_territory_model_id_fk",
    "territory_place_territory_id_fk",
    "territory_place_parent_id_fk",
    "territory_assignment_territory_id_fk",
    "territory_assignment_member_id_fk",
    "party_trait_party_id_fk",
    "party_trait_account_trait_id_fk",
    "territory_account_territory_model_id_fk",
    "territory_account_territory_id_fk",
    "territory_account_party_id_fk",
):
    answers(_key, lambda _: NotFound())
