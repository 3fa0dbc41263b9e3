"""The bar that shows an operator how far the demo is."""

from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Bar(AbstractContextManager["Bar"]):
    """A progress bar of days lived; a terminal that cannot draw shows its end alone."""

    def __init__(self, console: Console, title: str) -> None:
        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console)
        self._task = self._progress.add_task("", total=None)

    def __enter__(self) -> "Bar":
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Draw for the last time."""
        self._progress.stop()

    def begin(self, steps: int) -> None:
        """Learn how many steps there are."""
        self._progress.update(self._task, total=steps)

    def advance(self) -> None:
        """Learn that one more is done."""
        self._progress.advance(self._task)
