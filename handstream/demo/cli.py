"""`handstream demo` and `handstream up`."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from kafka.errors import KafkaError
from rich.console import Console

from broker.topics import BrokerError, create_topics
from handstream.demo.cameras import Cameras
from handstream.demo.prometheus import PrometheusMissing, find_prometheus
from handstream.demo.run import Result, run_demo, run_up
from handstream.demo.running_broker import RunningBroker, running_broker
from handstream.demo.stack import RunningStack, say
from handstream.demo.watch import Watcher
from settings import Settings, SettingsError
from stream_app.cli import MaxHands, ModelChoice, default_process_count, settings_with
from supervision.children import ChildProcesses
from supervision.exit_codes import ExitCode
from supervision.supervisor import ChildFailed

WithPrometheus = Annotated[
    bool,
    typer.Option("--prometheus", help="Start the Prometheus that is on this machine too, with the project's rules."),
]


def demo(
    duration: Annotated[
        float | None, typer.Option(min=1, help="Stop after so many seconds of predictions and print a summary.")
    ] = None,
    cameras: Annotated[int, typer.Option(min=1, max=16, help="Synthetic cameras.")] = 1,
    fps: Annotated[float, typer.Option(min=1, max=120, help="Frames a second of each camera.")] = 15.0,
    seed: Annotated[int, typer.Option(min=0, help="Decides what the cameras show.")] = 0,
    prometheus: WithPrometheus = False,
) -> None:
    """Broker, workers, live page and a rendered hand before a camera; predictions in a table, until Ctrl-C.

    Without HANDSTREAM_BROKER, a Kafka of its own is started and removed again with its data. Exit code 0 when every
    published frame had its outcome, else 1.

    \b
    Examples:
      handstream demo
      handstream demo --duration 20 --cameras 2 --fps 15
    """
    how = Cameras(count=cameras, fps=fps, seed=seed)
    _with_stack(
        lambda stack, start_prometheus: run_demo(
            stack, cameras=how, duration_seconds=duration, start_prometheus=start_prometheus
        ),
        ephemeral=True,
        prometheus=prometheus,
    )


def up(
    model: ModelChoice = None,
    max_hands: MaxHands = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Port of the live page, 0 for a free one; without it HANDSTREAM_GATEWAY_PORT. A free one where taken.",
            show_default=False,
        ),
    ] = None,
    prometheus: WithPrometheus = False,
) -> None:
    """Broker, workers and live page, and a table of whatever is published, until Ctrl-C.

    Without HANDSTREAM_BROKER, the embedded Kafka is started, or joined where it runs; what it holds is kept for the
    next time. A process that crashes is started again. Another bundle in the folder, or another version under the
    alias, is hot-reloaded.

    \b
    Examples:
      handstream up
      handstream up --port 8080
      handstream up --model models:/gestures@champion
      handstream up --prometheus
      handstream produce webcam 0        (in another terminal)
    """
    _with_stack(
        lambda stack, start_prometheus: run_up(stack, port=port, start_prometheus=start_prometheus),
        ephemeral=False,
        model=model,
        max_hands=max_hands,
        prometheus=prometheus,
    )


def _with_stack(
    command: Callable[[RunningStack, Callable[[], object]], Result],
    *,
    ephemeral: bool,
    model: str | None = None,
    max_hands: int | None = None,
    prometheus: bool = False,
) -> None:
    """model, max_hands: in place of those in the settings, for the workers and the live page."""
    began = time.monotonic()
    # A folder of its own for each run: two at once must not write into each other's files.
    logs = Path(tempfile.mkdtemp(prefix="handstream-logs-"))
    result = Result(exit_code=ExitCode.OK)
    try:
        settings = settings_with(model=model, max_hands=max_hands)
        program = find_prometheus() if prometheus else None
        with (
            running_broker(settings, ephemeral=ephemeral, say=say) as broker,
            ChildProcesses(log_dir=logs) as children,
        ):
            create_topics(broker.settings)
            processes = default_process_count(broker.settings)
            _say_where_it_is(broker, settings)
            say(f"logs in {logs}")
            title = f"predictions at {broker.settings.broker}, Ctrl-C to stop"
            waits = None if ephemeral else say
            with Watcher(broker.settings, console=Console(), title=title, say=waits) as watcher:
                stack = RunningStack(
                    broker.settings,
                    children=children,
                    watcher=watcher,
                    processes=processes,
                    began_seconds=began,
                    keep_broker=broker.keep,
                )
                stack.start_workers()

                def start_prometheus() -> None:
                    if program is not None:
                        # What a demo measured goes with its broker.
                        folder = logs if ephemeral else broker.settings.data_dir
                        stack.start_prometheus(program, folder=folder / "prometheus")

                result = command(stack, start_prometheus)
            if result.summary is not None:
                Console().print(result.summary)
    except (SettingsError, BrokerError, ChildFailed, PrometheusMissing) as error:
        say(str(error))
        result = Result(exit_code=error.exit_code if isinstance(error, ChildFailed) else ExitCode.BAD_USE)
    except KafkaError as error:
        say(f"the broker is away: {error}")
        result = Result(exit_code=ExitCode.BAD_USE)
    except KeyboardInterrupt:
        result = Result(exit_code=ExitCode.OK)
    if result.exit_code == ExitCode.OK:
        shutil.rmtree(logs, ignore_errors=True)
    raise typer.Exit(result.exit_code)


def _say_where_it_is(broker: RunningBroker, wanted: Settings) -> None:
    """What other commands need to know of the broker, and whose it is."""
    settings = broker.settings
    if broker.joined is not None:
        say(f"{broker.joined}: joining it; it stops when whoever started it stops it")
    if settings.broker != wanted.broker:
        say(f"other commands need HANDSTREAM_BROKER={settings.broker}")
