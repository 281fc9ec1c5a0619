"""Predictions as a live table."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live

from broker.received import ReceivedPrediction
from handstream.live_table import LiveTable
from handstream.tail.pipe import check_reader

REFRESH_SECONDS = 0.125
# Title, head, caption and the lines around them.
LINES_BESIDE_ROWS = 9


class TableOutput:
    """An Output that draws one row a camera, a few times a second; on what is no terminal, once at the end."""

    def __init__(self, console: Console, *, topic: str, clock: Callable[[], float] = time.monotonic) -> None:
        rows = max(console.height - LINES_BESIDE_ROWS, 1)
        title = f"{topic}, Ctrl-C to stop" if console.is_terminal else topic
        self._table = LiveTable(clock=clock, max_rows=rows, title=title)
        self._console = console
        # Drawn from the thread that updates it.
        self._live = Live(self._table, console=console, auto_refresh=False)
        self._clock = clock
        self._drawn_at = -REFRESH_SECONDS

    def __enter__(self) -> TableOutput:
        if self._console.is_terminal:
            self._live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.stop()
        else:
            self._console.print(self._table)

    def write(self, received: Sequence[ReceivedPrediction]) -> None:
        now = self._clock()
        for one in received:
            self._table.update(one.prediction, now)

    def idle(self) -> None:
        now = self._clock()
        if not self._live.is_started:
            check_reader(self._console.file)
        elif now - self._drawn_at >= REFRESH_SECONDS:
            self._drawn_at = now
            self._live.refresh()
