"""The monitor: asks Kafka again and again, whatever becomes of Kafka."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from kafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from broker.topics import BrokerError, check_broker
from monitoring.cluster import Cluster
from monitoring.health import Health
from monitoring.kafka_cluster import KafkaCluster
from monitoring.lag_collector import LagCollector, LagScope, Snapshot
from monitoring.lag_metrics import LagMetrics
from settings import Settings

log = logging.getLogger("handstream.monitor")

# Beyond the interval: what Kafka's clients may take to find out that a broker hangs.
PATIENCE_SECONDS = 20.0
# Kafka's clients give up before that; where they do not, only a restart helps.
STUCK_SECONDS = 120.0
_AWAY = (BrokerError, KafkaError, OSError)


@contextmanager
def kafka_cluster(settings: Settings) -> Iterator[Cluster]:
    """Raises BrokerError where none answers."""
    check_broker(settings)
    with KafkaCluster(settings) as cluster:
        yield cluster


class Monitor:
    """connect: called again after Kafka was away."""

    def __init__(
        self,
        scope: LagScope,
        *,
        registry: CollectorRegistry,
        every_seconds: float,
        connect: Callable[[], AbstractContextManager[Cluster]],
    ) -> None:
        self._every_seconds = every_seconds
        self._connect = connect
        self._survey = LagCollector(scope)
        self._metrics = LagMetrics(registry, patience_seconds=every_seconds + PATIENCE_SECONDS)
        self._stop = threading.Event()
        self._turned_at = time.monotonic()
        self._fault: str | None = None
        self._answered = False
        self.health = Health(alive={"loop": self._stuck}, ready={"broker": self._not_ready})

    @property
    def snapshot(self) -> Snapshot | None:
        return self._metrics.snapshot

    @property
    def fault(self) -> str | None:
        """Why Kafka could not be asked the last time; None where it could, or was not asked yet."""
        return self._fault

    def stop(self) -> None:
        """From a signal or another thread: what is asked just now is still awaited."""
        self._stop.set()

    def run(self) -> None:
        """Until it is stopped."""
        while not self._stop.is_set():
            try:
                with self._connect() as cluster:
                    self._ask(cluster)
            except _AWAY as error:
                self._lose(str(error) or type(error).__name__)
                self._pause()

    def _ask(self, cluster: Cluster) -> None:
        while not self._stop.is_set():
            self._metrics.show(self._survey.take(cluster))
            if not self._answered:
                log.info("Kafka answers")
            self._fault, self._answered = None, True
            self._pause()

    def _lose(self, reason: str) -> None:
        self._metrics.withdraw()
        if self._fault != reason:
            log.warning("Kafka cannot be asked, trying again", extra={"reason": reason})
        self._fault, self._answered = reason, False

    def _not_ready(self) -> str | None:
        return None if self._answered else self._fault or "Kafka was not asked yet"

    def _pause(self) -> None:
        self._turned_at = time.monotonic()
        self._stop.wait(self._every_seconds)
        self._turned_at = time.monotonic()

    def _stuck(self) -> str | None:
        seconds = time.monotonic() - self._turned_at
        if seconds <= self._every_seconds + STUCK_SECONDS:
            return None
        return f"Kafka was asked {seconds:.0f} s ago and nothing came of it"
