"""What a producer shows while it runs, and at its end."""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console, Group, RenderableType
from rich.filesize import decimal
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from producers.ledger import Ledger
from producers.summary import Summary

BAR_WIDTH = 40


class ProgressView:
    """Renders the ledger's state whenever rich asks for it.

    total: frames that there will be, as far as is known by now; None for no end.
    """

    def __init__(
        self, ledger: Ledger, *, name: str, total: Callable[[], int | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger = ledger
        self._name = name
        self._total = total
        self._clock = clock
        self._began = clock()
        self._recent: list[tuple[float, int]] = [(self._began, 0)]

    def __rich__(self) -> RenderableType:
        counts, total = self._ledger.counts(), self._total()
        done = counts.published + counts.dropped_total
        table = Table.grid(padding=(0, 2))
        of_total = f"{counts.published:,}" if total is None else f"{counts.published:,} of {total:,}"
        table.add_row(
            Text(self._name, style="bold", overflow="ellipsis"),
            f"{of_total} frames",
            f"{self._rate(counts.published):,.1f}/s",
            f"{counts.in_flight + counts.waiting:,} in flight",
            Text(f"{counts.dropped_total:,} dropped", style="yellow" if counts.dropped_total else "dim"),
        )
        if total is None:
            return table
        return Group(table, ProgressBar(total=max(1, total), completed=done, width=BAR_WIDTH))

    def _rate(self, published: int) -> float:
        """Frames a second over the last few seconds."""
        now = self._clock()
        self._recent.append((now, published))
        while len(self._recent) > 2 and now - self._recent[0][0] > 3:
            del self._recent[0]
        begin, before = self._recent[0]
        return (published - before) / (now - begin) if now > begin else 0.0


def print_summary(console: Console, summary: Summary) -> None:
    cameras = "" if summary.cameras == 1 else f" as {summary.cameras} cameras"
    console.print(
        f"[bold]{summary.published:,}[/] frames published{cameras} "
        f"({decimal(summary.bytes)} in {summary.seconds:.1f} s, {summary.frames_per_second:,.1f} frames/s), "
        f"run {summary.run}",
        highlight=False,
    )
    if summary.dropped:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.dropped.items())
        console.print(f"[yellow]{sum(summary.dropped.values()):,}[/] frames dropped: {reasons}", highlight=False)
    if summary.unreadable_files:
        console.print(f"unreadable files passed over: [yellow]{summary.unreadable_files:,}[/]", highlight=False)
    if not summary.stream_ended:
        console.print("[yellow]the stream has no end marker[/]: the broker did not confirm all frames in time")
