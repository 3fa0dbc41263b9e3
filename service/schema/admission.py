"""What an operation must pass before it runs, however it came: document, price, points, turn."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias
from uuid import UUID

from graphql import GraphQLSchema

from service.errors import Refusal
from service.identity.tokens import Claims
from service.schema.bodies import Asked
from service.schema.costs import NEW_FIELD, REFUSED
from service.schema.documents import Document, Documents, Operation
from service.schema.pricing import check_cost
from service.schema.rates import Budget, Rates
from service.schema.refusals import DocumentUnknown, TrustedDocumentsOnly
from service.schema.showing import Refused
from service.schema.status import is_askers_fault

Restricted: TypeAlias = Callable[[UUID], Awaitable[bool]]


class Admission:
    """Lets operations in: over HTTP, and on streams."""

    def __init__(
        self,
        schema: GraphQLSchema,
        documents: Documents | None = None,
        rates: Rates | None = None,
        restricted: Restricted | None = None,
    ) -> None:
        """Take what decides.

        Args:
            schema: the schema.
            documents: the trusted ones, and those seen last.
            rates: the buckets; the usual ones when left out.
            restricted: tells whether a tenant answers trusted documents only.
        """
        self.documents = documents or Documents(schema)
        self.rates = rates or Rates()
        self._restricted = restricted

    def budget(self, claims: Claims) -> Budget:
        """Return what a caller may spend."""
        return self.rates.budget_of(claims)

    async def kept(self, asked: Asked, claims: Claims) -> Document | None:
        """Return the document that is asked for where it is known already; None leaves it open."""
        if asked.document_id is not None:
            found = self.documents.trusted.get(asked.document_id)
            return found if isinstance(found, Document) else None
        if await self._trusted_only(claims):
            return None
        return self.documents.kept(asked.document)

    async def document(self, asked: Asked, claims: Claims) -> Document:
        """Return the document that is asked for; one that has to be read is paid for by its fields.

        Raises:
            DocumentUnknown: no client's manifest has it, and its text was not sent.
            TrustedDocumentsOnly: a text was sent, and the tenant or the key sends none.
            RateLimited: it has to be read, and the caller could not pay for a refusal.
            DocumentLimit: it asks too much.
            Faults: it is not GraphQL, or does not fit the schema.
        """
        if asked.document_id is not None:
            try:
                return self.documents.named(asked.document_id)
            except DocumentUnknown:
                if not asked.document:
                    raise
        if await self._trusted_only(claims):
            raise TrustedDocumentsOnly
        found = self.documents.kept(asked.document)
        if found is None:
            # Whoever cannot pay for a refusal is not given the work of one.
            budget = self.budget(claims)
            budget.require(self._fee)
            found = self.documents.read(asked.document)
            budget.take(found.fields * NEW_FIELD)
        return found

    @property
    def _fee(self) -> int:
        """What a refusal costs; a small allowance has room for twenty of them."""
        return min(REFUSED, self.rates.allowance.principal // 20)

    @contextmanager
    def paying(self, claims: Claims) -> Iterator[None]:
        """Let a caller pay for what is refused within, where the fault is his."""
        try:
            yield
        except (Refused, Refusal) as refused:
            if is_askers_fault(refused.code):
                self.look(self.budget(claims))
            raise

    def look(self, budget: Budget, spent: int = 0) -> int:
        """Let a caller pay for something that was looked at and refused.

        Args:
            budget: his.
            spent: what he has paid for it already.

        Returns:
            What he has paid now.
        """
        budget.take(max(0, self._fee - spent))
        return max(self._fee, spent)

    async def _trusted_only(self, claims: Claims) -> bool:
        """Tell whether a document's text is refused: to a key, or to a whole company."""
        if claims.trusted_documents_only:
            return True
        tenant_id = claims.tenant_id
        return bool(self._restricted and tenant_id and await self._restricted(tenant_id))

    async def check_composed(self, claims: Claims) -> None:
        """Check that a caller may ask what an address says, which is as free as a document's text.

        Raises:
            TrustedDocumentsOnly: the tenant or the key asks trusted documents alone.
        """
        if await self._trusted_only(claims):
            raise TrustedDocumentsOnly

    def check_file(self, claims: Claims, told_by: str | None = None) -> None:
        """Check that a caller may have a file, or send one, that always shows the same fields.

        People of a restricted tenant may, for none of it is of their making; a restricted key does
        nothing that no document lets it do.

        Args:
            claims: who asks.
            told_by: the name of the field that gives out the file's address, if one does.

        Raises:
            TrustedDocumentsOnly: the key asks trusted documents alone, and none gives it out.
        """
        if claims.trusted_documents_only and not (
            told_by is not None and self.documents.trusted_ask(told_by)
        ):
            raise TrustedDocumentsOnly

    def charge(self, operation: Operation, asked: Asked, points: int, budget: Budget) -> None:
        """Let the caller pay for an operation.

        Raises:
            CostLimit: it costs more than one request may.
            RateLimited: the caller's or his tenant's points are spent.
        """
        if points > self.rates.allowance.request:
            check_cost(points, operation.price, asked.variables, self.rates.allowance.request)
        budget.charge(points)
