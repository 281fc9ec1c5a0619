"""What a producer says of itself."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from broker.embedded.ports import free_port
from monitoring.server import MonitoringPortTaken
from producers.ledger import Ledger
from producers.monitoring import BrokerCheck, SourceCheck, monitored
from producers.production import Production
from producers.publisher import DropPolicy
from producers.sink import MemorySink
from settings import Settings
from tests.producers.sources import EndlessSource, ListSource


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class SilentSource(EndlessSource):
    """Gives one picture, and then none until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.end = threading.Event()

    def shots(self) -> Any:
        yield next(super().shots())
        self.end.wait()

    def close(self) -> None:
        self.end.set()


def production(source: Any, sink: MemorySink, *, clock: Callable[[], float] = time.monotonic) -> Production:
    return Production(
        source,
        sink=sink,
        name="list",
        cameras=["door"],
        policy=DropPolicy.WAIT,
        speed=0,
        clock=clock,
    )


def test_a_source_that_falls_silent_is_said() -> None:
    clock, source = Clock(), SilentSource()
    producing = production(source, MemorySink(), clock=clock)
    check = SourceCheck(producing, silence_seconds=10, clock=clock)
    assert check() == "the source has given no picture yet"

    thread = threading.Thread(target=producing.run)
    thread.start()
    while producing.ledger.counts().offered == 0 or producing.asking_since is None:
        time.sleep(0.01)
    assert check() is None
    clock.now += 11
    assert check() == "the source has given no picture for 11 s"

    producing.stop()
    thread.join()
    assert check() is None


def test_a_broker_that_confirms_nothing_is_said_and_not_while_nothing_is_sent() -> None:
    clock = Clock()
    ledger = Ledger(max_in_flight=10, max_in_flight_bytes=10, clock=clock)
    check = BrokerCheck(ledger, clock=clock)
    assert check() == "the broker has confirmed no frame yet"

    for _ in range(3):
        ledger.offer()
        ledger.launch(1, give_up=lambda: True)
    ledger.land(1)
    clock.now += 9
    assert check() is None
    clock.now += 3
    assert check() == "the broker has confirmed no frame for 12 s"
    ledger.land(1)
    assert check() is None
    ledger.land(1)
    clock.now += 60
    assert check() is None


def ask(port: int, path: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_each_producer_of_a_machine_is_asked_at_a_port_of_its_own() -> None:
    settings = Settings(producer_metrics_port=free_port())
    producing = production(ListSource([b"a"]), MemorySink())
    said: list[str] = []
    with (
        monitored(producing, settings=settings, registry=CollectorRegistry(), tell=said.append) as first,
        monitored(producing, settings=settings, registry=CollectorRegistry(), tell=said.append) as second,
    ):
        assert first.port == settings.producer_metrics_port
        assert said == [f"metrics and health are served at port {second.port}"]
        assert ask(second.port, "/healthz")[0] == 200
        status, body = ask(second.port, "/readyz")
        assert (status, set(body["faults"])) == (503, {"source", "broker"})
        producing.run()
        assert ask(first.port, "/readyz") == (200, {"status": "ok", "faults": {}})


def test_an_address_of_another_machine_is_refused_and_named() -> None:
    settings = Settings(metrics_host="192.0.2.1")
    producing = production(ListSource([b"a"]), MemorySink())
    with (
        pytest.raises(MonitoringPortTaken, match=r"192\.0\.2\.1"),
        monitored(producing, settings=settings, registry=CollectorRegistry(), tell=print),
    ):
        pass
