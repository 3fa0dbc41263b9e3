"""The schema, put together from the domains."""

from functools import cache

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from service.schema.boards.alerts import TargetAlertsQuery
from service.schema.boards.boards import BoardsQuery
from service.schema.boards.company import CompanyQuery
from service.schema.boards.dealers import DealersQuery
from service.schema.boards.ledger import CreditLedgerMutation, CreditLedgerQuery
from service.schema.boards.lines import LinesQuery
from service.schema.boards.own import MyTargetsQuery
from service.schema.campaigns.figures import CampaignBoardQuery
from service.schema.campaigns.mutations import CampaignsMutation
from service.schema.campaigns.opened import CampaignOpenedQuery
from service.schema.campaigns.running import RunningCampaignsQuery
from service.schema.campaigns.types import CampaignsQuery
from service.schema.costs import DECLARED
from service.schema.customers import CustomersMutation, CustomersQuery
from service.schema.identifying import IdentifyingMutation
from service.schema.inspections import InspectionsMutation, InspectionsQuery
from service.schema.journal import JournalQuery
from service.schema.lengths import state_bounds
from service.schema.opportunities.mutations import OpportunitiesMutation
from service.schema.opportunities.types import OpportunitiesQuery
from service.schema.organisation.api_keys import ApiKeysMutation, ApiKeysQuery
from service.schema.organisation.duties import DutiesMutation
from service.schema.organisation.leave import LeaveMutation, LeaveQuery
from service.schema.organisation.logins import LoginsMutation
from service.schema.organisation.mutations import OrganisationMutation
from service.schema.organisation.territories import TerritoriesMutation
from service.schema.organisation.territory_accounts import (
    TerritoryAccountsMutation,
    TerritoryAccountsQuery,
)
from service.schema.organisation.territory_assignments import (
    TerritoryAssignmentsMutation,
    TerritoryAssignmentsQuery,
)
from service.schema.organisation.territory_models import TerritoryModelsQuery
from service.schema.organisation.types import OrganisationQuery
from service.schema.ownership.departures import DeparturesMutation, DeparturesQuery
from service.schema.ownership.disputes import DisputesQuery
from service.schema.ownership.disputing import DisputesMutation
from service.schema.ownership.mutations import OwnershipMutation
from service.schema.ownership.penalties import PenaltiesMutation, PenaltiesQuery
from service.schema.ownership.types import OwnershipQuery
from service.schema.planner.mapping import mappings
from service.schema.platform import PlatformMutation, PlatformQuery
from service.schema.reception.mutations import ReceptionMutation
from service.schema.reception.presences import PresencesMutation
from service.schema.reception.shifts import ShiftsMutation
from service.schema.reception.sites import SitesMutation
from service.schema.reception.stages import StagesMutation
from service.schema.reception.types import ReceptionQuery
from service.schema.resolvers import resolvers_put_off
from service.schema.rulebook_calendar import RulebookCalendarQuery
from service.schema.rulebook_changes import RulebookChangesQuery
from service.schema.rulebook_commands import RulebookDraftsMutation
from service.schema.rulebook_drafts import RulebookDraftsQuery
from service.schema.rulebook_packs import RulebookPacksQuery
from service.schema.rulebooks import RulebooksQuery
from service.schema.scalars import SCALARS
from service.schema.scorecards.bonuses import BonusesQuery
from service.schema.scorecards.mutations import ScorecardsMutation
from service.schema.scorecards.scores import ScoresQuery
from service.schema.scorecards.types import ScorecardsQuery
from service.schema.simulations import SimulationsMutation, SimulationsQuery
from service.schema.statistics.floor import FloorQuery
from service.schema.statistics.ownership import OwnershipStatisticsQuery
from service.schema.statistics.reception import ReceptionStatisticsQuery
from service.schema.statistics.territories import TerritoryActivityQuery
from service.schema.statistics.trees import TreesQuery
from service.schema.subscriptions.types import Subscription, SubscriptionsQuery
from service.schema.targets.changes import TargetChangesMutation
from service.schema.targets.following import TerritoryFollowingQuery
from service.schema.targets.foreseen import TargetChangePreviewQuery
from service.schema.targets.mutations import TargetsMutation
from service.schema.targets.previews import TargetPreviewsQuery
from service.schema.targets.queries import TargetsQuery
from service.schema.targets.seasons import TargetSeasonsMutation
from service.schema.targets.working import WorkPlansMutation, WorkPlansQuery
from service.schema.tasks import TasksMutation, TasksQuery
from service.schema.tenants import TenantsMutation, TenantsQuery
from service.schema.viewer import ViewerQuery


@strawberry.type(description="What can be read.")
class Query(
    BoardsQuery,
    BonusesQuery,
    TargetAlertsQuery,
    MyTargetsQuery,
    CompanyQuery,
    DealersQuery,
    LinesQuery,
    CreditLedgerQuery,
    CustomersQuery,
    DeparturesQuery,
    DisputesQuery,
    FloorQuery,
    InspectionsQuery,
    JournalQuery,
    CampaignBoardQuery,
    CampaignOpenedQuery,
    RunningCampaignsQuery,
    CampaignsQuery,
    OpportunitiesQuery,
    OrganisationQuery,
    LeaveQuery,
    ApiKeysQuery,
    OwnershipQuery,
    OwnershipStatisticsQuery,
    PenaltiesQuery,
    PlatformQuery,
    ReceptionQuery,
    ReceptionStatisticsQuery,
    RulebookCalendarQuery,
    RulebookChangesQuery,
    RulebookDraftsQuery,
    RulebooksQuery,
    RulebookPacksQuery,
    ScorecardsQuery,
    ScoresQuery,
    SimulationsQuery,
    SubscriptionsQuery,
    TargetChangePreviewQuery,
    TargetPreviewsQuery,
    TargetsQuery,
    TasksQuery,
    TenantsQuery,
    TerritoryActivityQuery,
    TerritoryAccountsQuery,
    TerritoryAssignmentsQuery,
    TerritoryFollowingQuery,
    TerritoryModelsQuery,
    TreesQuery,
    ViewerQuery,
    WorkPlansQuery,
):
    pass


@strawberry.type(
    description="What can be done: one command each, in its own transaction, in order, at most 10."
)
class Mutation(
    CreditLedgerMutation,
    CustomersMutation,
    DeparturesMutation,
    DisputesMutation,
    DutiesMutation,
    IdentifyingMutation,
    InspectionsMutation,
    CampaignsMutation,
    OpportunitiesMutation,
    OrganisationMutation,
    LeaveMutation,
    OwnershipMutation,
    PenaltiesMutation,
    PlatformMutation,
    PresencesMutation,
    ReceptionMutation,
    LoginsMutation,
    ApiKeysMutation,
    RulebookDraftsMutation,
    ScorecardsMutation,
    SimulationsMutation,
    SitesMutation,
    ShiftsMutation,
    StagesMutation,
    TargetChangesMutation,
    TargetSeasonsMutation,
    TargetsMutation,
    TasksMutation,
    TenantsMutation,
    TerritoriesMutation,
    TerritoryAccountsMutation,
    TerritoryAssignmentsMutation,
    WorkPlansMutation,
):
    pass


@cache
def build_schema() -> strawberry.Schema:
    """Return the one schema of all tenants; built at the first call."""
    config = StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True)
    types = [mapping.made for mapping in mappings().values()]
    with resolvers_put_off():
        schema = strawberry.Schema(
            query=Query, mutation=Mutation, subscription=Subscription, types=types, config=config
        )
    made = schema._schema  # noqa: SLF001 - it has no public name
    _tell_one_of(made)
    state_bounds(made)
    return schema


def _tell_one_of(schema: GraphQLSchema) -> None:
    """Let graphql-core know the inputs with exactly one field; strawberry knows them alone.

    Else a variable passes that has none of them or two, and nobody says which it is.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            definition = kind.extensions.get(DECLARED)
            kind.is_one_of = bool(getattr(definition, "is_one_of", False))
