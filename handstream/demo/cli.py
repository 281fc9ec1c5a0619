"""`handstream demo` and `handstream up`."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from kafka.errors import KafkaError
from rich.console import Console

from broker.topics import BrokerError
from handstream.demo.cameras import Cameras
from handstream.demo.prometheus import PrometheusMissing, Targets, find_prometheus, start_prometheus
from handstream.demo.run import Result, run_demo, run_up
from handstream.demo.stack import (
    gateway_address,
    gateway_is_ready,
    port_or_free,
    running_broker,
    start_gateway,
    start_monitor,
    start_stack,
    worker_metrics_ports,
)
from handstream.demo.stage import ChildEnded, Stage
from handstream.demo.watch import Watcher
from settings import SettingsError
from stream_app.cli import MaxHands, ModelChoice, default_process_count, end_like_ctrl_c, settings_with
from stream_app.process_group import ProcessGroup

CANNOT_RUN = 2

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
        lambda stage: run_demo(stage, cameras=how, duration_seconds=duration), ephemeral=True, prometheus=prometheus
    )


def up(model: ModelChoice = None, max_hands: MaxHands = None, prometheus: WithPrometheus = False) -> None:
    """Broker, workers and live page, and a table of whatever is published, until Ctrl-C.

    Without HANDSTREAM_BROKER, the embedded Kafka is started; what it holds is kept for the next time. Another bundle in
    the folder, or another version under the alias, is taken up without a restart.

    \b
    Examples:
      handstream up
      handstream up --model models:/gestures@champion
      handstream up --prometheus
      handstream produce webcam 0        (in another terminal)
    """
    _with_stack(run_up, ephemeral=False, model=model, max_hands=max_hands, prometheus=prometheus)


def _with_stack(
    command: Callable[[Stage], Result],
    *,
    ephemeral: bool,
    model: str | None = None,
    max_hands: int | None = None,
    prometheus: bool = False,
) -> None:
    """model, max_hands: in place of those in the settings, for the workers and the live page."""
    console = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    end_like_ctrl_c()
    began = time.monotonic()
    # A folder of its own for each run: two at once must not write into each other's files.
    logs = Path(tempfile.mkdtemp(prefix="handstream-logs-"))
    result = Result(exit_code=0)
    try:
        settings = settings_with(model=model, max_hands=max_hands)
        program = find_prometheus() if prometheus else None
        with running_broker(settings, ephemeral=ephemeral) as reached, ProcessGroup(log_dir=logs) as group:
            processes = default_process_count(reached)
            worker_ports = worker_metrics_ports(reached, count=processes)
            environment = start_stack(group, reached, metrics_ports=worker_ports)
            console.print(f"logs in {logs}")
            if reached.broker != settings.broker:
                console.print(f"other commands need HANDSTREAM_BROKER={reached.broker}")
            port = port_or_free(reached.gateway_port)
            monitor_port = port_or_free(reached.monitor_port)
            page = gateway_address(reached, port=port)
            console.print(f"live page at {page}")
            if monitor_port != reached.monitor_port:
                console.print(f"the monitor serves /metrics on port {monitor_port}")
            prometheus_port = port_or_free(reached.prometheus_port)
            if program is not None:
                console.print(f"Prometheus at http://127.0.0.1:{prometheus_port}/")

            def start_monitoring() -> None:
                start_monitor(group, environment, port=monitor_port)
                if program is not None:
                    targets = Targets(
                        host=reached.metrics_host,
                        worker_ports=worker_ports,
                        gateway=urlsplit(page).netloc,
                        gateway_token=reached.gateway_token.get_secret_value() if reached.gateway_token else None,
                        monitor_port=monitor_port,
                        first_producer_port=reached.producer_metrics_port,
                    )
                    # What a demo measured goes with its broker.
                    folder = (logs if ephemeral else reached.data_dir) / "prometheus"
                    start_prometheus(
                        group, environment, program=program, targets=targets, port=prometheus_port, folder=folder
                    )

            title = f"predictions at {reached.broker}, live page at {page}, Ctrl-C to stop"
            with Watcher(reached, console=Console(), title=title) as watcher:
                stage = Stage(
                    group=group,
                    watcher=watcher,
                    environment=environment,
                    began_seconds=began,
                    processes=processes,
                    start_gateway=lambda: start_gateway(group, environment, port=port),
                    start_monitoring=start_monitoring,
                    gateway_is_ready=lambda: gateway_is_ready(reached, port=port),
                )
                result = command(stage)
            if result.summary is not None:
                Console().print(result.summary)
    except (SettingsError, BrokerError, ChildEnded, PrometheusMissing) as error:
        console.print(f"handstream: {error}", style="red")
        result = Result(exit_code=CANNOT_RUN)
    except KafkaError as error:
        console.print(f"handstream: the broker is away: {error}", style="red")
        result = Result(exit_code=CANNOT_RUN)
    except KeyboardInterrupt:
        result = Result(exit_code=0)
    if result.exit_code == 0:
        shutil.rmtree(logs, ignore_errors=True)
    raise typer.Exit(result.exit_code)
