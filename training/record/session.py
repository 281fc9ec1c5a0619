"""One recording, from the first picture to the file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from training.record.collector import HandCollector
from training.record.sighting import Sighting
from training.recordings import RecordingHeader, write_recording

HINT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """path: None where no hand was seen, and so nothing written. interrupted: by Ctrl-C."""

    path: Path | None
    interrupted: bool


def run_session(
    pictures: Iterable[Sighting | None],
    *,
    collector: HandCollector,
    header: Callable[[], RecordingHeader],
    out: Path,
    console: Console,
    count: int | None,
    patience_seconds: float | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Recorded:
    """Collect until there is enough, the pictures end, or Ctrl-C; then write what there is, whole or not at all.

    pictures: None stands for a moment in which nothing came. patience_seconds: how long to wait for something; None:
    for ever. header: made at the end, when the source is known. Raises OSError where nothing can be written, and what
    the pictures raise, after what was collected is written.
    """
    interrupted = False
    fault: Exception | None = None
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} hands"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=count)
        try:
            heard_at, hinted = clock(), False
            for sighting in pictures:
                if sighting is None:
                    silence = clock() - heard_at
                    if patience_seconds is not None and silence >= patience_seconds:
                        break
                    if silence >= HINT_SECONDS and not hinted:
                        hinted = True
                        console.print(
                            "nothing comes: is a camera publishing, and a worker running? Ctrl-C ends", style="yellow"
                        )
                    continue
                heard_at = clock()
                collector.see(sighting)
                progress.update(task, completed=len(collector.hands), description=_status(collector))
                if collector.is_done:
                    break
        except KeyboardInterrupt:
            interrupted = True
        except Exception as error:
            fault = error
    path = write_recording(out, header=header(), hands=collector.hands) if collector.hands else None
    if fault is not None:
        if path is not None:
            console.print(f"kept what was collected: {path}", highlight=False, markup=False, soft_wrap=True)
        raise fault
    return Recorded(path=path, interrupted=interrupted)


def _status(collector: HandCollector) -> str:
    seen = "" if collector.sees_hand else "  [yellow]no hand is seen[/]"
    wait = collector.starts_in_seconds
    return (f"starts in {ceil(wait)} s" if wait > 0 else "recording") + seen
