"""Gesture events as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from broker.received import ReceivedGesture
from events.cloud_event import format_time
from events.gesture import GestureEvent, Phase
from handstream.tail.formats import csv_rows
from handstream.tail.pipe import check_reader

CSV_COLUMNS = (
    "id",
    "camera",
    "run",
    "source",
    "mode",
    "hand",
    "gesture",
    "phase",
    "started_at",
    "ended_at",
    "seconds",
    "frames",
    "confidence",
    "frame",
    "settled_at",
    "track_id",
)
_WIDTHS = (
    ("time", 12),
    ("camera", 16),
    ("hand", 5),
    ("track", 7),
    ("gesture", 15),
    ("phase", 7),
    ("seconds", 8),
    ("frames", 6),
)


class GestureCsv:
    """A row each, RFC 4180 with line feeds."""

    def head(self) -> bytes:
        return csv_rows([CSV_COLUMNS])

    def encode(self, received: Sequence[ReceivedGesture]) -> bytes:
        return csv_rows([_csv(one.event) for one in received])


class GestureTable:
    """An Output that prints one line an event below a head, as they come."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._print(Text(_columns([name for name, _ in _WIDTHS]) + "  confidence", style="bold"))

    def write(self, received: Sequence[ReceivedGesture]) -> None:
        for one in received:
            self._print(_line(one.event))

    def idle(self) -> None:
        if not self._console.is_terminal:
            check_reader(self._console.file)

    def _print(self, line: Text) -> None:
        self._console.print(line, soft_wrap=True)
        self._console.file.flush()


def _line(event: GestureEvent) -> Text:
    cells = [
        event.settled_at.astimezone().strftime("%H:%M:%S.%f")[:-3],
        event.camera,
        event.hand.value,
        "" if event.track_id is None else str(event.track_id),
        event.gesture,
        event.phase.value,
        "" if event.seconds is None else f"{event.seconds:.2f}",
        str(event.frames),
    ]
    style = "green" if event.phase is Phase.STARTED else "dim"
    return Text(f"{_columns(cells)}  {event.confidence:.0%}", style=style)


def _columns(cells: Sequence[str]) -> str:
    return "  ".join(cell.ljust(width) for cell, (_, width) in zip(cells, _WIDTHS, strict=True))


def _csv(event: GestureEvent) -> tuple[object, ...]:
    return (
        event.id,
        event.camera,
        event.run,
        event.source,
        event.mode.value,
        event.hand.value,
        event.gesture,
        event.phase.value,
        format_time(event.started_at),
        "" if event.ended_at is None else format_time(event.ended_at),
        "" if event.seconds is None else round(event.seconds, 3),
        event.frames,
        event.confidence,
        event.frame,
        format_time(event.settled_at),
        "" if event.track_id is None else event.track_id,
    )
