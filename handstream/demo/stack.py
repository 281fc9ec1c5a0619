"""What `handstream demo` and `handstream up` have at hand while they run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import typer

from handstream.demo.prometheus import PrometheusTargets, start_prometheus
from handstream.demo.running_broker import free_port_instead, gateway_address
from handstream.demo.watch import Watcher
from settings import Settings
from stream_app.cli import chosen, start_workers
from stream_app.membership import remove_soon
from supervision.children import ChildProcesses
from supervision.supervisor import Need, Supervisor

GATEWAY = "gateway"
MONITOR = "monitor"
TITLES = {GATEWAY: "the live page", MONITOR: "the monitor"}
KAFKA_CHECK_SECONDS = 1.0


def child_environment(settings: Settings) -> Mapping[str, str]:
    """What tells children where the broker is, and what was chosen on the command line."""
    return {
        **os.environ,
        "HANDSTREAM_BROKER": settings.broker,
        **chosen(settings),
        # A live table shows what is going on; a child must not draw over it.
        "NO_COLOR": "1",
    }


def say(line: str) -> None:
    """A line for the user; it goes above a live table, which takes stderr over."""
    typer.echo(f"handstream: {line}", err=True)


class RunningStack:
    """Workers, live page, monitor and Prometheus beside a broker that runs, all of them supervised.

    settings: that reach the broker. processes: workers to start. began_seconds: when the command was given, by
    time.monotonic(). keep_broker: starts the broker again where it crashed.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        children: ChildProcesses,
        watcher: Watcher,
        processes: int,
        began_seconds: float,
        keep_broker: Callable[[], object],
    ) -> None:
        self.settings = settings
        self.children = children
        self.watcher = watcher
        self.processes = processes
        self.began_seconds = began_seconds
        self.environment = child_environment(settings)
        self.supervisor = Supervisor(
            children, say=self._say_with_log, on_crash=lambda one: remove_soon(settings, one.pid)
        )
        self._keep_broker = keep_broker
        self._broker_checked_at = time.monotonic()
        self._ports = {GATEWAY: settings.gateway_port, MONITOR: settings.monitor_port}
        self._announced: dict[str, int] = {}
        self._has_told_of_others = False

    def start_workers(self) -> None:
        ports = [self._worker_port(index) for index in range(self.processes)]
        self._workers = start_workers(self.supervisor, metrics_ports=ports, threads=1, environment=self.environment)
        self._wanted_ports = dict(zip(self._workers, ports, strict=True))
        self._ports |= self._wanted_ports

    def start_gateway(self, *, port: int | None = None) -> None:
        """The live page, whose address is said once it serves. port: in place of that of the settings."""
        if port is not None:
            self._ports[GATEWAY] = port
        self._keep_command(GATEWAY)

    def start_monitor(self) -> None:
        self._keep_command(MONITOR)

    def start_prometheus(self, program: str, *, folder: Path) -> None:
        """folder: for its configuration and its data, which stay there."""
        port = free_port_instead(self.settings.prometheus_port, of="Prometheus", say=say)
        folder.mkdir(parents=True, exist_ok=True)
        targets = PrometheusTargets(self.settings, folder=folder, ports=self.metrics_ports)
        targets.start()
        token = self.settings.gateway_token
        start = partial(
            start_prometheus,
            self.children,
            self.environment,
            program=program,
            targets=targets,
            gateway_token=None if token is None else token.get_secret_value(),
            port=port,
            folder=folder,
        )
        self.supervisor.keep("prometheus", start, need=Need.SIDE)
        say(f"Prometheus at http://127.0.0.1:{port}/")

    def metrics_ports(self) -> Mapping[str, int]:
        """Where each child that was started serves its metrics, by their names."""
        started = (*self._workers, GATEWAY, MONITOR)
        return {name: self._ports[name] for name in started if self._ports.get(name)}

    @property
    def workers_are_ready(self) -> bool:
        """Whether all of them have their model and a place in the group."""
        return all(map(self.supervisor.is_ready, self._workers)) and self.watcher.workers >= self.processes

    @property
    def page_is_decided(self) -> bool:
        """Whether the live page serves, or never will."""
        return not self.supervisor.is_kept(GATEWAY) or self.supervisor.is_ready(GATEWAY)

    def watch(self, until: Callable[[], bool]) -> None:
        """Show what arrives until then. Raises ChildFailed where it cannot go on."""

        def asked() -> bool:
            self._check()
            return until()

        self.watcher.watch(asked)

    def watch_for(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """The same, but no longer than so many seconds; whether it came to be."""
        deadline = time.monotonic() + seconds
        self.watch(lambda: until() or time.monotonic() >= deadline)
        return until()

    def _check(self) -> None:
        self.supervisor.check()
        for name in (*self._workers, GATEWAY, MONITOR):
            self._announce(name)
        self._announce_others()
        if time.monotonic() - self._broker_checked_at > KAFKA_CHECK_SECONDS:
            self._keep_broker()
            self._broker_checked_at = time.monotonic()

    def _announce(self, name: str) -> None:
        """Say where a child serves, once for each time that it was started."""
        pid = self.children.pids().get(name)
        if pid is None or self._announced.get(name) == pid or not self.supervisor.is_ready(name):
            return
        self._announced[name] = pid
        port = int(self.children.status(name).details["metrics_port"])
        if name == GATEWAY:
            page = gateway_address(self.settings, port=port)
            say(f"live page at {page}")
            self.watcher.set_title(f"predictions at {self.settings.broker}, live page at {page}, Ctrl-C to stop")
        elif port != self._wanted_ports.get(name, port) != 0:
            say(f"port {self._wanted_ports[name]} is taken: {name} serves /metrics on port {port}")
        self._ports[name] = port

    def _announce_others(self) -> None:
        """Say once that workers of somebody else share the frames."""
        there = self.watcher.workers
        if there > self.processes and not self._has_told_of_others:
            self._has_told_of_others = True
            say(
                f"the consumer group {self.settings.consumer_group!r} has {there} workers, {self.processes} of them "
                "started here: they share the frames; HANDSTREAM_CONSUMER_GROUP names another group"
            )

    def _keep_command(self, name: str) -> None:
        def start() -> None:
            self._ports[name] = free_port_instead(self._ports[name], of=TITLES[name], say=say)
            port = str(self._ports[name])
            self.children.start(name, "handstream.cli", name, "--port", port, environment=self.environment)

        self.supervisor.keep(name, start, need=Need.SIDE)

    def _worker_port(self, index: int) -> int:
        return self.settings.metrics_port + index if self.settings.metrics_port else 0

    def _say_with_log(self, line: str) -> None:
        name = line.partition(" ")[0]
        say(f"{line}; see {self.children.path(name, 'log')}" if " ended" in line else line)
