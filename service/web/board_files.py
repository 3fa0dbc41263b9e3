"""`/files/boards/{board}.csv` and `.xlsx`: a board as a file, with the arguments in the address.

The board is any root field of the API that lists rows; it is asked in the caller's name and answers
what it would answer there.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.clock import new_id
from service.errors import NotFound
from service.exchange.asking import Processes
from service.languages import wanted_locale
from service.schema.exporting import Boards
from service.web.callers import Authenticate, caller_of
from service.web.plan_files import MEDIA, answering, attached
from service.work import Transactions

LONGEST_ADDRESS: Final = 8 * 1024


class BoardFiles:
    """Gives out boards as files."""

    def __init__(
        self,
        boards: Boards,
        transactions: Transactions,
        authenticate: Authenticate,
        processes: Processes,
    ) -> None:
        self._boards = boards
        self._transactions = transactions
        self._authenticate = authenticate
        self._processes = processes

    def routes(self) -> list[Route]:
        """Return the route to mount."""
        return [Route("/files/boards/{board}.{kind}", answering(self._file), methods=["GET"])]

    async def _file(self, request: Request) -> Response:
        claims, caller = await caller_of(request, self._authenticate, "board")
        await self._boards.admission.check_composed(claims)
        board, kind = request.path_params["board"], request.path_params["kind"]
        if kind not in MEDIA or len(request.url.query) > LONGEST_ADDRESS:
            raise NotFound
        told = f"board-{new_id()}", wanted_locale(request.headers.get("accept-language"))
        async with self._processes.reading.turn():
            sheet = await self._boards.sheet(claims, board, request.query_params, told)
            async with self._transactions.sight(caller) as sight:
                # What leaves in one piece is written down, as everything that leaves so is.
                sight.note("export_board", board=board, rows=len(sheet.rows))
            body = await self._processes.file_of([sheet], kind)
        return attached(body, f"{board}.{kind}", kind)
