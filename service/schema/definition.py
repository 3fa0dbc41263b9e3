"""The schema, put together from the domains."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from service.schema.customers import CustomersQuery
from service.schema.journal import JournalQuery
from service.schema.organisation import OrganisationQuery
from service.schema.ownership.types import OwnershipQuery
from service.schema.reception.types import ReceptionQuery
from service.schema.rulebooks import RulebooksQuery
from service.schema.scalars import SCALARS


@strawberry.type(description="What can be read.")
class Query(
    CustomersQuery,
    JournalQuery,
    OrganisationQuery,
    OwnershipQuery,
    ReceptionQuery,
    RulebooksQuery,
):
    pass


def build_schema() -> strawberry.Schema:
    """Return the one schema of all tenants."""
    config = StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True)
    return strawberry.Schema(query=Query, config=config)
