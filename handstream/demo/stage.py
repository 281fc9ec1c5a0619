"""What the commands have at hand while the stack is up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from handstream.demo.watch import Watcher
from stream_app.process_group import ProcessGroup


class ChildEnded(Exception):
    """A process that should run on has ended, or never did what it was started for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """began_seconds: when the command was given, by time.monotonic(). processes: workers that were started.

    start_gateway: starts the live page; not before the workers are at work, since both would take longer then.
    start_monitoring: starts what serves the lag, and Prometheus where asked; last, since nobody waits for it.
    """

    group: ProcessGroup
    watcher: Watcher
    environment: Mapping[str, str]
    began_seconds: float
    processes: int
    start_gateway: Callable[[], None]
    start_monitoring: Callable[[], None]
    gateway_is_ready: Callable[[], bool]

    def watch(self, until: Callable[[], bool]) -> None:
        """Show what arrives until then. Raises ChildEnded where a process ends by itself meanwhile."""

        def asked() -> bool:
            ended = self.group.ended()
            if ended is not None:
                log = self.group.path(ended.name, "log")
                raise ChildEnded(f"{ended.name} ended with exit code {ended.exit_code}: {last_line(log)}; see {log}")
            return until()

        self.watcher.watch(asked)

    def watch_for(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """The same, but no longer than so many seconds; whether it came to be."""
        deadline = time.monotonic() + seconds
        self.watch(lambda: until() or time.monotonic() >= deadline)
        return until()


def last_line(log: Path) -> str:
    """The last that a process said: of a line of JSON what happened and why."""
    lines = log.read_text(errors="replace").strip().splitlines()
    return _said(lines[-1]) if lines else "it said nothing"


def _said(line: str) -> str:
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "event" not in entry:
        return line
    why = entry.get("error") or entry.get("reason") or (entry.get("exception") or "").strip().rpartition("\n")[2]
    return f"{entry['event']}: {why}" if why else str(entry["event"])
