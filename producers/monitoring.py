"""`/metrics`, `/healthz` and `/readyz` of a producer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from monitoring.health import Health
from monitoring.server import MonitoringServer, serve_at_or_after
from producers.ledger import Ledger
from producers.production import Production
from settings import Settings

SETTING = "HANDSTREAM_PRODUCER_METRICS_PORT"
# Several producers on a machine take the ports one after the other.
PORTS_TRIED = 20
SILENCE_SECONDS = 10.0
UNCONFIRMED_SECONDS = 10.0


class SourceCheck:
    """Fails where the source was asked for a picture and gave none for a while.

    silence_seconds: the longest that the source may take; a camera that gives one picture a minute wants more.
    """

    def __init__(
        self,
        production: Production,
        *,
        silence_seconds: float = SILENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._production = production
        self._silence_seconds = silence_seconds
        self._clock = clock

    def __call__(self) -> str | None:
        since = self._production.asking_since
        waited = 0.0 if since is None else self._clock() - since
        if waited > self._silence_seconds:
            return f"the source has given no picture for {waited:.0f} s"
        return None if self._production.ledger.counts().offered else "the source has given no picture yet"


class BrokerCheck:
    """Fails where the broker has confirmed nothing yet, or not for a while although something is on its way to it."""

    def __init__(self, ledger: Ledger, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._ledger = ledger
        self._clock = clock

    def __call__(self) -> str | None:
        counts, since = self._ledger.counts(), self._ledger.unconfirmed_since
        waited = 0.0 if since is None else self._clock() - since
        if waited > UNCONFIRMED_SECONDS:
            return f"the broker has confirmed no frame for {waited:.0f} s"
        return None if counts.published else "the broker has confirmed no frame yet"


@contextmanager
def monitored(
    production: Production,
    *,
    settings: Settings,
    registry: CollectorRegistry,
    tell: Callable[[str], object],
    silence_seconds: float = SILENCE_SECONDS,
) -> Iterator[MonitoringServer]:
    """Serve what there is to know of a run for the time of a block.

    tell: called with a line where it is not served at the port of the settings. Raises MonitoringPortTaken where it
    cannot be served at all.
    """
    health = Health(
        ready={
            "source": SourceCheck(production, silence_seconds=silence_seconds),
            "broker": BrokerCheck(production.ledger),
        }
    )
    with serve_at_or_after(
        settings.producer_metrics_port,
        registry=registry,
        health=health,
        host=settings.metrics_host,
        setting=SETTING,
        tried=PORTS_TRIED,
    ) as server:
        if server.port != settings.producer_metrics_port:
            tell(f"metrics and health are served at port {server.port}")
        yield server
