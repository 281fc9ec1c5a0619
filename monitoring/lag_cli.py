"""`handstream lag`: how far the workers are behind, live in a terminal."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Annotated, Self

import typer
from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry
from rich.console import Console
from rich.live import Live
from rich.text import Text

from broker.topics import BrokerError
from monitoring.cli import AllGroups, Groups, chosen_scope
from monitoring.lag_collector import LagCollector, LagScope, Snapshot
from monitoring.lag_table import CommitRate, lag_line, lag_table
from monitoring.monitor import Monitor, kafka_cluster
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

POLL_SECONDS = 0.05
STOP_SECONDS = 2.0


def lag(
    group: Groups = None,
    all_groups: AllGroups = False,
    once: Annotated[
        bool, typer.Option("--once", help="Print one snapshot and stop; the default when stdout is not a terminal.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, one line per snapshot.")] = False,
    interval: Annotated[float, typer.Option(min=0.2, max=300, metavar="SECONDS", help="Time between snapshots.")] = 1.0,
) -> None:
    """Show the consumer lag of the workers, in records and in seconds, as Kafka reports it.

    lag s is the age of the oldest waiting frame. Joins no consumer group and commits nothing.

    Exit codes: 0 done; 1 no broker; 2 wrong usage; 130 Ctrl-C.

    \b
    Examples:
      handstream lag
      handstream lag --all-groups --interval 5
      handstream lag --once --json
    """
    # That a broker is away is said in our own words.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    logging.getLogger("handstream.monitor").setLevel(logging.CRITICAL)
    try:
        settings = load_settings()
        scope = chosen_scope(settings, group, all_groups=all_groups)
        if once or not (json or sys.stdout.isatty()):
            _once(settings, scope, as_json=json)
        else:
            _follow(settings, scope, as_json=json, every_seconds=interval)
    except SettingsError as error:
        raise _failed(str(error), ExitCode.BAD_USE) from error
    except (BrokerError, KafkaError) as error:
        raise _failed(str(error), ExitCode.FAILED) from error
    except BrokenPipeError:
        # The reader of the pipe has enough; Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED) from None


class LagPoller:
    """A monitor in a thread of its own, so that Ctrl-C is answered while Kafka is not."""

    def __init__(self, settings: Settings, scope: LagScope, *, every_seconds: float) -> None:
        self._monitor = Monitor(
            scope,
            registry=CollectorRegistry(),
            every_seconds=every_seconds,
            connect=partial(kafka_cluster, settings),
        )
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)
        self._error: Exception | None = None

    def newest(self) -> tuple[Snapshot | None, str | None]:
        """The newest snapshot, and why there is none. Raises what ended the thread, such as SettingsError."""
        if self._error is not None:
            raise self._error
        return self._monitor.snapshot, self._monitor.fault

    def _run(self) -> None:
        try:
            self._monitor.run()
        except Exception as error:
            self._error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._monitor.stop()
        self._thread.join(STOP_SECONDS)


def _once(settings: Settings, scope: LagScope, *, as_json: bool) -> None:
    with kafka_cluster(settings) as cluster:
        snapshot = LagCollector(scope).take(cluster)
    if as_json:
        print(lag_line(snapshot, CommitRate()), flush=True)
    else:
        Console().print(lag_table(snapshot, CommitRate()))


def _follow(settings: Settings, scope: LagScope, *, as_json: bool, every_seconds: float) -> None:
    with LagPoller(settings, scope, every_seconds=every_seconds) as poller:
        if as_json:
            _each(poller, lambda snapshot, rate: print(lag_line(snapshot, rate), flush=True))
            return
        with Live(console=Console(), auto_refresh=False) as live:
            _each(
                poller,
                lambda snapshot, rate: live.update(lag_table(snapshot, rate), refresh=True),
                tell_fault=lambda reason: live.update(Text(f"{reason}; trying again", style="red"), refresh=True),
            )


def _each(
    poller: LagPoller,
    show: Callable[[Snapshot, CommitRate], None],
    *,
    tell_fault: Callable[[str], None] = lambda _: None,
) -> None:
    """Show each snapshot as it comes. Raises BrokerError where not even the first one succeeds."""
    rate = CommitRate()
    shown: Snapshot | None = None
    shown_fault: str | None = None
    while True:
        snapshot, fault = poller.newest()
        if snapshot is not None and snapshot is not shown:
            rate.update(snapshot)
            show(snapshot, rate)
            shown, shown_fault = snapshot, None
        elif snapshot is None and fault is not None:
            if shown is None:
                raise BrokerError(fault)
            if fault != shown_fault:
                tell_fault(fault)
                shown_fault = fault
        time.sleep(POLL_SECONDS)


def _failed(reason: str, code: int) -> typer.Exit:
    typer.echo(f"handstream lag: {reason}", err=True)
    return typer.Exit(code)
