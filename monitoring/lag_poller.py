"""LagPoller at the lag, taken in a thread."""

from __future__ import annotations

import threading
from functools import partial
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry

from monitoring.lag_collector import Scope, Snapshot
from monitoring.monitor import Monitor, kafka_cluster
from settings import Settings

STOP_SECONDS = 2.0


class LagPoller:
    """A monitor in a thread of its own, so that Ctrl-C is answered while Kafka is not."""

    def __init__(self, settings: Settings, scope: Scope, *, every_seconds: float) -> None:
        self._monitor = Monitor(
            scope,
            registry=CollectorRegistry(),
            every_seconds=every_seconds,
            connect=partial(kafka_cluster, settings),
        )
        self._thread = threading.Thread(target=self._run, name="lag", daemon=True)
        self._error: Exception | None = None

    def newest(self) -> tuple[Snapshot | None, str | None]:
        """The newest look and why there is none. Raises what ended the thread, such as SettingsError."""
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
