"""`handstream audit`: whether every frame has its one outcome."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from audit.run import audit_system
from audit.table import render
from broker.topic_reader import Edge, parse_start
from broker.topics import BrokerError
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode

MIN_COLUMNS = 80
PIPE_COLUMNS = 250

_OFFSET = re.compile(r"^(\d{1,9}):(\d{1,18})$")


def audit(
    *,
    from_offset: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTITION:OFFSET", help="First frame of that partition. Can be repeated."),
    ] = None,
    to_offset: Annotated[
        list[str] | None,
        typer.Option(metavar="PARTITION:OFFSET", help="Last frame of that partition. Can be repeated."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Frames captured since: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h."),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Frames captured before, likewise.")] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera. Can be repeated.")] = None,
    max_duplicates: Annotated[
        int | None,
        typer.Option(min=0, help="Maximum number of duplicates allowed; unlimited by default (at-least-once)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare the frames with their outcomes: lost, duplicated, out of order, stale, dead, pending.

    The system may be running or stopped; nothing is joined, committed or changed.

    Exit codes: 0 all guarantees hold; 1 one is violated; 2 wrong usage, no broker, or no such topic; 130 Ctrl-C.

    Examples:

        handstream audit

        handstream audit --since 10m --camera door --json

        handstream audit --from-offset 3:100 --to-offset 3:200 --max-duplicates 0
    """
    first = _offsets(from_offset or (), option="--from-offset")
    last = _offsets(to_offset or (), option="--to-offset")
    now = datetime.now(UTC)
    since_at = _time(since, option="--since", now=now)
    until_at = _time(until, option="--until", now=now)
    try:
        settings = load_settings()
        with _progress() as (began, advance):
            report = audit_system(
                settings,
                first=first,
                end={partition: offset + 1 for partition, offset in last.items()},
                since=since_at,
                until=until_at,
                cameras=frozenset(camera or ()),
                began=began,
                advance=advance,
            )
    except (SettingsError, BrokerError, ValueError) as error:
        typer.echo(f"handstream audit: {error}", err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(report.to_builtins(max_duplicates=max_duplicates)))
        sys.stdout.write(text.decode() + "\n")
    else:
        # Numbers are not cut: a narrower terminal wraps the lines, and a file takes them as they are.
        console = Console()
        console.width = max(console.width, MIN_COLUMNS) if console.is_terminal else PIPE_COLUMNS
        console.print(render(report, max_duplicates=max_duplicates))
    if report.broken(max_duplicates=max_duplicates):
        raise typer.Exit(ExitCode.FAILED)


def _offsets(texts: Sequence[str], *, option: str) -> dict[int, int]:
    offsets = {}
    for text in texts:
        found = _OFFSET.match(text)
        if found is None:
            raise typer.BadParameter(f"must be PARTITION:OFFSET such as 3:100, not {text!r}", param_hint=option)
        offsets[int(found[1])] = int(found[2])
    return offsets


def _time(text: str | None, *, option: str, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        time = parse_start(text, now=now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
    if isinstance(time, Edge):
        raise typer.BadParameter(f"must be a time, not {text!r}; without it nothing is left out", param_hint=option)
    return time


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A progress bar on a terminal: what to call with the number of outcomes, and as they are read."""
    console = Console(stderr=True)
    columns = (TextColumn("outcomes"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("outcomes", total=None)
        yield (
            lambda count: progress.update(task, total=count),
            lambda count: progress.update(task, advance=count),
        )
