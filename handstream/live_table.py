"""The live table: what every camera shows just now."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rich import box
from rich.table import Table
from rich.text import Text

from events.prediction import NO_GESTURE, Hand, Prediction, Status

RATE_WINDOW_SECONDS = 3.0
# A rate from less than this would jump about.
SHORTEST_RATE_SECONDS = 1.0
STALE_SECONDS = 3.0
LATENCIES_KEPT = 2000
_STATUS_STYLES = {Status.OK: "green", Status.NO_HAND: "yellow", Status.STALE: "magenta"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """All cameras together. Latencies are of the last 2000 frames that were not skipped; None before the first.

    stale: of the predictions, those of frames that were skipped as too old.
    """

    predictions: int
    stale: int
    dead_letters: int | None
    lag: int | None
    frames_per_second: float
    latency_p50_ms: float | None
    latency_p95_ms: float | None


@dataclass(slots=True)
class Rate:
    """Events a second over a sliding window; times are seconds of one monotonic clock."""

    first: float | None = None
    _times: deque[float] = field(default_factory=deque)

    def add(self, at: float) -> None:
        self.first = at if self.first is None else self.first
        self._times.append(at)
        self._forget(at)

    def per_second(self, now: float) -> float:
        self._forget(now)
        if self.first is None:
            return 0.0
        return len(self._times) / min(max(now - self.first, SHORTEST_RATE_SECONDS), RATE_WINDOW_SECONDS)

    def _forget(self, now: float) -> None:
        while self._times and self._times[0] <= now - RATE_WINDOW_SECONDS:
            self._times.popleft()


@dataclass(slots=True)
class _Row:
    prediction: Prediction
    received_at: float
    rate: Rate


class LiveTable:
    """One row a camera. Cameras that are seen just now stand first, by name, so that no row jumps about; those that
    fell silent follow, newest first, and are dim.

    clock: monotonic seconds, the same that gives received_at. Not to be drawn in one thread and updated in another.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, max_rows: int = 20, title: str | None = None
    ) -> None:
        self._clock = clock
        self._max_rows = max_rows
        self._title = title
        self._rows: dict[str, _Row] = {}
        self._rate = Rate()
        self._latencies_ms: deque[float] = deque(maxlen=LATENCIES_KEPT)
        self._predictions = 0
        self._stale = 0
        self._dead_letters: int | None = None
        self._lag: int | None = None
        self._note: Text | None = None

    def update(self, prediction: Prediction, received_at: float) -> None:
        row = self._rows.get(prediction.camera)
        if row is None:
            row = self._rows[prediction.camera] = _Row(prediction, received_at, Rate())
        row.prediction, row.received_at = prediction, received_at
        row.rate.add(received_at)
        self._rate.add(received_at)
        self._predictions += 1
        if prediction.status is Status.STALE:
            self._stale += 1
        else:
            self._latencies_ms.append(prediction.latency_ms)

    def set_title(self, title: str) -> None:
        self._title = title

    def set_lag(self, frames: int) -> None:
        """Frames that the workers have yet to process."""
        self._lag = frames

    def set_dead_letters(self, count: int) -> None:
        self._dead_letters = count

    def set_note(self, note: Text | None) -> None:
        """A line below the totals."""
        self._note = note

    @property
    def totals(self) -> Totals:
        latencies = sorted(self._latencies_ms)
        return Totals(
            predictions=self._predictions,
            stale=self._stale,
            dead_letters=self._dead_letters,
            lag=self._lag,
            frames_per_second=self._rate.per_second(self._clock()),
            latency_p50_ms=_percentile(latencies, 0.50),
            latency_p95_ms=_percentile(latencies, 0.95),
        )

    def __rich__(self) -> Table:
        now = self._clock()
        table = Table(
            title=self._title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), caption_justify="left", caption_style=""
        )
        table.add_column("camera")
        table.add_column("gesture", min_width=15, no_wrap=True)
        for name, width in (("confidence", 10), ("hands", 5), ("latency\nms", 7), ("frames\n/s", 6)):
            table.add_column(name, justify="right", min_width=width, no_wrap=True)
        table.add_column("status", min_width=7, no_wrap=True)
        table.add_column("age", justify="right", min_width=6, no_wrap=True)
        rows = sorted(self._rows.values(), key=lambda row: _order(row, now=now))
        for row in rows[: self._max_rows]:
            table.add_row(*_cells(row, now=now), style="dim" if _is_silent(row, now=now) else "")
        caption = self._caption(hidden=len(rows) - self._max_rows)
        table.caption = caption if self._note is None else Text("\n").join((caption, self._note))
        return table

    def _caption(self, *, hidden: int) -> Text:
        totals = self.totals
        parts = [f"{totals.predictions:,} predictions", f"{totals.frames_per_second:.1f} frames/s"]
        if totals.stale:
            parts.append(f"{totals.stale:,} skipped")
        if totals.latency_p50_ms is not None and totals.latency_p95_ms is not None:
            parts.append(f"latency p50 {totals.latency_p50_ms:,.0f} ms, p95 {totals.latency_p95_ms:,.0f} ms")
        if totals.lag is not None:
            parts.append(f"lag {totals.lag:,} frames")
        if totals.dead_letters is not None:
            parts.append(f"{totals.dead_letters:,} dead letters")
        if hidden > 0:
            parts.append(f"{hidden} more cameras")
        return Text("  ·  ".join(parts))


def _order(row: _Row, *, now: float) -> tuple[bool, float, str]:
    silent = _is_silent(row, now=now)
    return (silent, -row.received_at if silent else 0.0, row.prediction.camera)


def _is_silent(row: _Row, *, now: float) -> bool:
    return now - row.received_at > STALE_SECONDS


def _cells(row: _Row, *, now: float) -> tuple[Text | str, ...]:
    prediction = row.prediction
    hand = prediction.main_hand
    return (
        # Text, since a camera's name could hold what rich reads as markup. In a narrow window this column gives way.
        Text(prediction.camera, no_wrap=True, overflow="ellipsis"),
        _gesture(hand),
        "" if hand is None else f"{hand.confidence:.0%}",
        str(len(prediction.hands)),
        f"{prediction.latency_ms:,.0f}",
        f"{row.rate.per_second(now):.1f}",
        Text(prediction.status.value, style=_STATUS_STYLES[prediction.status]),
        _age(now - row.received_at),
    )


def _gesture(hand: Hand | None) -> Text:
    if hand is None:
        return Text("-", style="dim")
    return Text(hand.gesture, style="dim" if hand.gesture == NO_GESTURE else "bold cyan")


def _age(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


def _percentile(ascending: list[float], share: float) -> float | None:
    """Nearest rank: the smallest that is not less than this share of all."""
    return ascending[math.ceil(share * len(ascending)) - 1] if ascending else None
