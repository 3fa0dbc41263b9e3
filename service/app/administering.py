"""What an operator's commands share: one sentence for what he can mend, one base."""

import functools
from collections.abc import Awaitable, Callable
from typing import NoReturn, ParamSpec, TypeVar
from uuid import UUID

import typer
from rich.console import Console

from service.app.base import Base, StartRefused, opened
from service.app.running import MENDED_BY_OPERATOR, REFUSED, code_of, run_to_end
from service.errors import Refusal, Refusals, sentence
from service.settings import Settings
from service.simulation.stories import StoriesUnreadable

P = ParamSpec("P")
R = TypeVar("R")

console = Console()
complaints = Console(stderr=True)


def _refuse(sentence: object, code: int) -> NoReturn:
    complaints.print(str(sentence), style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def one_sentence(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what the operator can mend into one sentence and exit code 2."""
    return _guarded(command, lambda _: REFUSED)


def one_sentence_or_again(command: Callable[P, R]) -> Callable[P, R]:
    """Do the same for what is kept running: 75, to be started again, while no database answers."""
    return _guarded(command, code_of)


def _guarded(command: Callable[P, R], code: Callable[[Exception], int]) -> Callable[P, R]:
    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (*MENDED_BY_OPERATOR, StoriesUnreadable) as error:
            _refuse(error, code(error))

    return guarded


def worded(refused: Refusal | Refusals) -> str:
    """Say why something was refused, for the operator."""
    several = refused.refusals if isinstance(refused, Refusals) else (refused,)
    return " ".join(sentence(one, "en") for one in several)


async def tenant_of(base: Base, code: str) -> UUID:
    """Return the id of a tenant.

    Raises:
        StartRefused: there is none of that code.
    """
    tenant_id: UUID | None = await base.identity_pool.fetchval(
        "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", code
    )
    if tenant_id is None:
        raise StartRefused(f"There is no tenant {code}; see `bailiwick tenant list`.")
    return tenant_id


def administer(step: Callable[[Base], Awaitable[str]]) -> None:
    """Open the base, carry out a step, and say the line it returns."""
    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings) as base:
            try:
                console.print(await step(base), highlight=False)
            except (Refusal, Refusals) as refused:
                raise StartRefused(worded(refused)) from refused

    run_to_end(settings, main)
