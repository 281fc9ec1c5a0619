"""`handstream monitor`: Kafka's own word on offsets and groups, for Prometheus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer

from monitoring.lag_collector import LagScope
from monitoring.logs import configure_logs
from monitoring.monitor import Monitor, kafka_cluster
from monitoring.process_registry import process_registry
from monitoring.server import MonitoringPortTaken, MonitoringServer
from settings import Settings, SettingsError, load_settings
from supervision import status
from supervision.exit_codes import ExitCode
from supervision.signals import Shutdown

PORT_SETTING = "HANDSTREAM_MONITOR_PORT"
# What is asked just now is awaited for so long. A Kafka that takes the question and gives no answer must not keep us.
END_SECONDS = 4.0

Groups = Annotated[
    list[str] | None,
    typer.Option("--group", help="Consumer group; may be given several times. That of the workers where not given."),
]
AllGroups = Annotated[bool, typer.Option("--all-groups", help="Every group that has committed in one of the topics.")]


def chosen_scope(settings: Settings, groups: Sequence[str] | None, *, all_groups: bool) -> LagScope:
    """Raises typer.BadParameter for options that contradict each other."""
    if groups and all_groups:
        raise typer.BadParameter("cannot go with --group, which names some of them", param_hint="--all-groups")
    return LagScope.of(settings, groups=groups or (), all_groups=all_groups)


def monitor(
    group: Groups = None,
    all_groups: AllGroups = False,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help=f"0 for a free one; without it {PORT_SETTING}.", show_default=False),
    ] = None,
) -> None:
    """Serve how far the workers are behind, in records and in seconds, until Ctrl-C.

    Kafka is asked, not the workers, so that lag grows when a worker is dead or stuck. /metrics has the names of
    kafka_exporter, /healthz says whether the monitor turns, /readyz whether Kafka answers.

    \b
    Examples:
      handstream monitor
      handstream monitor --group handstream --group billing
      handstream monitor --all-groups --port 9400
      curl http://localhost:9308/metrics
    """
    registry = process_registry()
    try:
        settings = load_settings()
        # That a broker is away is said once, and in the metrics.
        configure_logs(settings, quiet=("kafka",))
        one = Monitor(
            chosen_scope(settings, group, all_groups=all_groups),
            registry=registry,
            every_seconds=settings.monitor_poll_seconds,
            connect=partial(kafka_cluster, settings),
        )
        # There is nothing that could be lost.
        Shutdown(one.stop, within_seconds=END_SECONDS, timeout_code=ExitCode.OK).handle_signals()
        with MonitoringServer(
            registry=registry,
            health=one.health,
            host=settings.metrics_host,
            port=settings.monitor_port if port is None else port,
            setting=PORT_SETTING,
        ) as server:
            host = f"[{settings.metrics_host}]" if ":" in settings.metrics_host else settings.metrics_host
            typer.echo(f"lag of {settings.broker} at http://{host}:{server.port}/metrics; Ctrl-C ends it", err=True)
            status.ready(metrics_port=server.port)
            one.run()
    except (SettingsError, MonitoringPortTaken) as error:
        status.failed(str(error))
        typer.echo(f"handstream monitor: {error}", err=True)
        raise typer.Exit(ExitCode.BAD_USE) from error
