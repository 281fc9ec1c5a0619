"""The broker of a stack, and the ports of what runs beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from broker.embedded.errors import AlreadyRunning, PortTaken
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import check_port, free_port
from broker.topics import BrokerError, check_broker
from settings import Settings

RETRY_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningBroker:
    """settings: that reach it. joined: where somebody else's embedded broker is used, what to say of it.

    keep: starts it again where it is an embedded one that crashed.
    """

    settings: Settings
    joined: str | None = None
    keep: Callable[[], object] = lambda: None


@contextmanager
def running_broker(settings: Settings, *, ephemeral: bool, say: Callable[[str], object]) -> Iterator[RunningBroker]:
    """A broker: the one that the user named, one that runs already, else an embedded one of ours.

    ephemeral: an embedded one keeps nothing, and takes another port where the usual one is taken.
    Raises BrokerError.
    """
    if settings.broker_is_named:
        check_broker(settings)
        yield RunningBroker(settings=settings)
        return
    if ephemeral:
        with EmbeddedBroker(settings=settings, ephemeral=True, port=_usual_port_or_any(settings)) as own:
            yield RunningBroker(settings=own.settings())
        return
    kept = KeptBroker(EmbeddedBroker(settings=settings), say=say)
    try:
        joined = kept.start_or_join()
        yield RunningBroker(settings=kept.embedded.settings(), joined=joined, keep=kept.check)
    finally:
        kept.stop()


class KeptBroker:
    """Starts an embedded broker again that ended by itself; one that somebody stopped stays stopped."""

    def __init__(self, embedded: EmbeddedBroker, *, say: Callable[[str], object]) -> None:
        self.embedded = embedded
        self._say = say
        self._is_ours = False
        self._is_lost = False
        self._next_try_at = 0.0

    def start_or_join(self) -> str | None:
        """None where it was started; where one ran already, what to say of it. Raises BrokerError."""
        try:
            self.embedded.start()
        except AlreadyRunning as running:
            return str(running)
        self._is_ours = True
        return None

    def check(self) -> None:
        self._is_lost = (self._is_lost or self.embedded.ended_by_itself) and self.embedded.status() is None
        if not self._is_lost or time.monotonic() < self._next_try_at:
            return
        self._say(f"Kafka ended by itself; starting it again; see {self.embedded.log}")
        try:
            if self.start_or_join() is None:
                self._say("Kafka runs again")
            self._is_lost = False
        except BrokerError as error:
            # Such as a disk that is full: everything waits meanwhile.
            self._say(f"{error}; trying again in {RETRY_SECONDS:.0f} s")
            self._next_try_at = time.monotonic() + RETRY_SECONDS

    def stop(self) -> None:
        if self._is_ours:
            self.embedded.stop()


def free_port_instead(port: int, *, of: str, say: Callable[[str], object]) -> int:
    """The port where it is free, else a free one, which is said; 0 is any."""
    try:
        check_port(port)
    except PortTaken:
        instead = free_port()
        say(f"port {port} is taken: {of} takes port {instead}")
        return instead
    return port or free_port()


def gateway_address(settings: Settings, *, port: int) -> str:
    """Where a browser on this machine finds the live page."""
    host = "127.0.0.1" if settings.gateway_host in ("0.0.0.0", "::", "") else settings.gateway_host  # noqa: S104
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _usual_port_or_any(settings: Settings) -> int:
    port = int(settings.servers[0].rpartition(":")[2])
    try:
        check_port(port)
    except PortTaken:
        return 0
    return port
