"""How errors are shown to a client: coded, worded in his language, and telling nothing of ours."""

import logging
from collections.abc import Iterable
from typing import Any

import asyncpg
from graphql import GraphQLError, GraphQLSchema

from service.errors import LOCALES, Refusal, Unavailable, sentence
from service.languages import shown_locale
from service.schema.faults import document_fault, variable_without_value
from service.schema.refusals import Internal, TimedOut, VariablesInvalid
from service.work import CONNECTION_LOST

_log = logging.getLogger(__name__)


class Refused(Exception):
    """Faults that are answered as a request error; carries the errors as they are shown."""

    def __init__(self, code: str, errors: list[dict[str, Any]]) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors


class Showing:
    """Shows the errors of one request, in its language and under its id."""

    def __init__(self, schema: GraphQLSchema, request_id: str, locale: str | None) -> None:
        self._schema = schema
        self.request_id = request_id
        self.locale = locale

    @property
    def language(self) -> str:
        """The answer's language."""
        return self.locale or LOCALES[0]

    def learn(self, locale: str | None) -> None:
        """Take the caller's own language where he has asked for none."""
        if self.locale is None and locale is not None:
            self.locale = shown_locale(locale)

    def shown(self, refusal: Refusal, error: GraphQLError | None = None) -> dict[str, Any]:
        """Show a refusal as a top-level error."""
        entry: dict[str, Any] = {"message": sentence(refusal, self.language)}
        if error is not None and error.locations:
            entry["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
        if error is not None and error.path:
            entry["path"] = error.path
        entry["extensions"] = {"code": refusal.code, "requestId": self.request_id}
        if refusal.field or isinstance(refusal, VariablesInvalid):
            entry["extensions"]["field"] = list(refusal.field)
        if isinstance(refusal, VariablesInvalid):
            entry["extensions"]["expected"] = refusal.expected
        return entry

    def faults(
        self,
        found: Iterable[tuple[Refusal, GraphQLError | None]],
    ) -> Refused:
        """Make a request error of what is wrong with a document or its variables."""
        shown = [self.shown(refusal, error) for refusal, error in found]
        return Refused(shown[0]["extensions"]["code"], shown)

    def executed(self, error: GraphQLError) -> dict[str, Any]:
        """Show what went wrong in a resolver; a fault of ours is logged and masked."""
        cause = error.original_error
        known = refusal_for(cause) or variable_without_value(error)
        if known is not None:
            return self.shown(known, error)
        if cause is None and error.path is not None:
            return self.shown(document_fault(error, self._schema), error)
        _log.error("request %s failed at %s", self.request_id, error.path, exc_info=cause)
        return self.shown(Internal(), error)


def refusal_for(error: BaseException | None) -> Refusal | None:
    """Return what an exception is told as; None for one that is a fault of ours."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, CONNECTION_LOST):
        return Unavailable()
    return TimedOut() if isinstance(error, asyncpg.QueryCanceledError) else None
