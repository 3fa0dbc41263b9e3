"""`/files/`: plans, boards, reports and simulations as files."""

from starlette.routing import Route

from service.exchange.asking import Processes
from service.schema.endpoint import Endpoint
from service.web.board_files import BoardFiles
from service.web.callers import Authenticate
from service.web.plan_files import PlanFiles
from service.web.reports import Reports
from service.web.workbooks import Workbooks
from service.work import Transactions


def file_routes(
    endpoint: Endpoint, transactions: Transactions, authenticate: Authenticate
) -> list[Route]:
    """Return the routes of everything that is had as a file, or sent as one.

    Args:
        endpoint: answers what a file shows, within the caller's budget.
        transactions: of the company.
        authenticate: tells who asks.
    """
    processes, boards = Processes(), endpoint.boards()
    return [
        *Workbooks(transactions, authenticate, endpoint.admission).routes(),
        *PlanFiles(transactions, authenticate, processes, endpoint.admission).routes(),
        *BoardFiles(boards, transactions, authenticate, processes).routes(),
        *Reports(boards, transactions, authenticate, processes).routes(),
    ]
