"""`handstream worker`: one worker process a core, in one consumer group."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Protocol

import typer

from broker.topics import BrokerError
from broker.waiting import create_topics_when_up
from events.prediction import MAX_HANDS
from settings import Settings, SettingsError, load_settings
from stream_app.membership import remove_soon
from supervision.children import ChildProcesses
from supervision.exit_codes import ExitCode
from supervision.supervisor import ChildFailed, Supervisor

POLL_SECONDS = 0.2

ModelChoice = Annotated[
    str | None,
    typer.Option(
        help="Model bundle: a folder, models:/NAME@ALIAS or models:/NAME/VERSION. "
        "HANDSTREAM_MODEL where not given, else the shipped one.",
        metavar="FOLDER|models:/…",
    ),
]

MaxHands = Annotated[
    int | None,
    typer.Option(help="Hands found in one frame at most; HANDSTREAM_MAX_HANDS where not given.", min=1, max=MAX_HANDS),
]


def worker(
    processes: Annotated[
        str, typer.Option(help="Worker processes: a number, or 'auto' for one a core.", metavar="N|auto")
    ] = "auto",
    threads: Annotated[
        int, typer.Option(help="Frames of different partitions recognised at once in each process.", min=1)
    ] = 1,
    model: ModelChoice = None,
    max_hands: MaxHands = None,
    wait: Annotated[
        float | None,
        typer.Option(
            help="Seconds to wait for a broker that is away at the start; 0 for scripts. For ever where not given.",
            min=0,
            metavar="SECONDS",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Recognise the frames of the `frames` topic until Ctrl-C.

    Another bundle in the folder, or another version under the alias, is taken up without a restart.

    \b
    Examples:
      handstream worker
      handstream worker --model models:/gestures@champion
      handstream worker --processes 1 --threads 2
      handstream worker --max-hands 4
      HANDSTREAM_BROKER=kafka.example:9092 handstream worker
    """
    count = _process_count(processes)
    settings = _ready_settings(model, max_hands=max_hands, wait_seconds=wait)
    if count is None:
        count = default_process_count(settings)
    children = ChildProcesses()
    supervisor = Supervisor(children, say=_say, on_crash=lambda ended: remove_soon(settings, ended.pid))
    try:
        with children, suppress(KeyboardInterrupt):
            start_workers(
                supervisor,
                metrics_ports=[settings.metrics_port + index if settings.metrics_port else 0 for index in range(count)],
                threads=threads,
                environment={**os.environ, **chosen(settings)},
            )
            typer.echo(f"{count} worker process(es) on {settings.broker}; Ctrl-C ends them", err=True)
            while True:
                supervisor.check()
                time.sleep(POLL_SECONDS)
    except ChildFailed as failed:
        _say(f"{failed}; all workers were stopped, and what was not finished is kept for the next start")
        raise typer.Exit(failed.exit_code) from failed
    except KeyboardInterrupt:
        # A second one, while they ended.
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    if children.unclean:
        _say(f"{', '.join(children.unclean)} could not finish what was in flight; its offset is kept")
        raise typer.Exit(ExitCode.FAILED)


def _say(line: str) -> None:
    typer.echo(f"handstream worker: {line}", err=True)


class Starter(Protocol):
    """ChildProcesses, or a Supervisor that starts them again."""

    def start(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None: ...


def start_workers(
    children: Starter, *, metrics_ports: Sequence[int], threads: int, environment: Mapping[str, str]
) -> list[str]:
    """Start the workers of one consumer group, one for each of the ports; their names are returned.

    The topics must be there.

    metrics_ports: where they serve their metrics; 0 lets one find a free port.
    """
    names = []
    for index, port in enumerate(metrics_ports):
        name = f"worker-{index}"
        children.start(
            name,
            "stream_app",
            "--threads",
            str(threads),
            "--has-topics",
            environment={**environment, "HANDSTREAM_METRICS_PORT": str(port)},
        )
        names.append(name)
    return names


def chosen(settings: Settings) -> dict[str, str]:
    """Variables that hand a command's own choices to its child processes."""
    return {"HANDSTREAM_MODEL": settings.model or "", "HANDSTREAM_MAX_HANDS": str(settings.max_hands)}


def settings_with(*, model: str | None = None, max_hands: int | None = None) -> Settings:
    """The settings, with what was chosen in place of theirs.

    The model's name is looked at here, and its registry asked for a sign of life, so that a mistake is said once, soon,
    and not by every child; each child loads it.
    Raises SettingsError.
    """
    settings = load_settings()
    given = {"model": model, "max_hands": max_hands}
    settings = settings.model_copy(update={name: value for name, value in given.items() if value is not None})
    if settings.model is not None:
        _check_model(settings)
    return settings


def _check_model(settings: Settings) -> None:
    # Whoever serves the shipped bundle waits for no array library here.
    from recognition.bundle import BundleError  # noqa: PLC0415
    from recognition.bundle_sources import check_model  # noqa: PLC0415

    try:
        check_model(settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
    except BundleError as error:
        raise SettingsError(str(error)) from error


def _ready_settings(model: str | None, *, max_hands: int | None, wait_seconds: float | None) -> Settings:
    """Settings of a broker that answers and has the topics: that too is said once."""
    try:
        settings = settings_with(model=model, max_hands=max_hands)
        create_topics_when_up(settings, wait_seconds=wait_seconds, say=_say)
    except (SettingsError, BrokerError) as error:
        typer.echo(f"handstream worker: {error}", err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error
    except KeyboardInterrupt:
        # Told to stop while it waited for the broker.
        raise typer.Exit(ExitCode.OK) from None
    return settings


def core_count() -> int:
    """Cores that this process may use, which containers and taskset limit."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def default_process_count(settings: Settings) -> int:
    """One a core, but no more than there are partitions to share out."""
    return min(core_count(), settings.partitions)


def _process_count(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isascii() and text.isdigit() and int(text) >= 1:
        return int(text)
    raise typer.BadParameter(f"must be 'auto' or a number of at least 1, not {text!r}", param_hint="--processes")
