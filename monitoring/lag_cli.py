"""`handstream lag`: how far the workers are behind, live in a terminal."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from typing import Annotated

import typer
from kafka.errors import KafkaError
from rich.console import Console
from rich.live import Live
from rich.text import Text

from broker.topics import BrokerError
from monitoring.cli import AllGroups, Groups, chosen_scope
from monitoring.commit_rate import CommitRate
from monitoring.lag_collector import LagCollector, Scope, Snapshot
from monitoring.lag_poller import LagPoller
from monitoring.lag_table import lag_line, lag_table
from monitoring.monitor import kafka_cluster
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

LOOK_SECONDS = 0.05


def lag(
    group: Groups = None,
    all_groups: AllGroups = False,
    once: Annotated[
        bool, typer.Option("--once", help="One look, then stop; so it is where nobody sits at a terminal.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON for each look.")] = False,
    interval: Annotated[
        float, typer.Option(min=0.2, max=300, metavar="SECONDS", help="From one look to the next.")
    ] = 1.0,
) -> None:
    """See how far the workers are behind, in records and in seconds, by Kafka's own word.

    lag s is the age of the oldest frame that waits. Nothing is joined and nothing is committed.

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


def _once(settings: Settings, scope: Scope, *, as_json: bool) -> None:
    with kafka_cluster(settings) as cluster:
        snapshot = LagCollector(scope).take(cluster)
    if as_json:
        print(lag_line(snapshot, CommitRate()), flush=True)
    else:
        Console().print(lag_table(snapshot, CommitRate()))


def _follow(settings: Settings, scope: Scope, *, as_json: bool, every_seconds: float) -> None:
    with LagPoller(settings, scope, every_seconds=every_seconds) as looks:
        if as_json:
            _each(looks, lambda snapshot, pace: print(lag_line(snapshot, pace), flush=True))
            return
        with Live(console=Console(), auto_refresh=False) as live:
            _each(
                looks,
                lambda snapshot, pace: live.update(lag_table(snapshot, pace), refresh=True),
                tell_fault=lambda reason: live.update(Text(f"{reason}; trying again", style="red"), refresh=True),
            )


def _each(
    looks: LagPoller,
    show: Callable[[Snapshot, CommitRate], None],
    *,
    tell_fault: Callable[[str], None] = lambda _: None,
) -> None:
    """Show each look as it comes. Raises BrokerError where not even the first one succeeds."""
    pace = CommitRate()
    shown: Snapshot | None = None
    told: str | None = None
    while True:
        snapshot, fault = looks.newest()
        if snapshot is not None and snapshot is not shown:
            pace.update(snapshot)
            show(snapshot, pace)
            shown, told = snapshot, None
        elif snapshot is None and fault is not None:
            if shown is None:
                raise BrokerError(fault)
            if fault != told:
                tell_fault(fault)
                told = fault
        time.sleep(LOOK_SECONDS)


def _failed(reason: str, code: int) -> typer.Exit:
    typer.echo(f"handstream lag: {reason}", err=True)
    return typer.Exit(code)
