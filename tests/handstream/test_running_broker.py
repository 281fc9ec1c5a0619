"""The embedded Kafka of `handstream up`: joined where it runs, started again where it crashed."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import free_port
from broker.topics import check_broker
from handstream.demo.running_broker import KeptBroker
from settings import Settings

pytestmark = [pytest.mark.broker, pytest.mark.long]


def test_a_broker_that_crashed_is_started_again_and_one_that_was_stopped_is_not(tmp_path: Path) -> None:
    settings = Settings(broker=f"127.0.0.1:{free_port()}", data_dir=tmp_path)
    said: list[str] = []
    kept = KeptBroker(EmbeddedBroker(settings=settings), say=said.append)
    joining = KeptBroker(EmbeddedBroker(settings=settings), say=said.append)
    try:
        assert kept.start_or_join() is None
        assert "already running at" in str(joining.start_or_join())
        joining.stop()
        check_broker(settings)

        status = kept.embedded.status()
        assert status is not None
        family = [psutil.Process(status.pid), *psutil.Process(status.pid).children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=20)
        kept.check()
        check_broker(settings)
        assert [line.partition(";")[0] for line in said] == ["Kafka ended by itself", "Kafka runs again"]

        joining.embedded.stop()
        kept.check()
        assert kept.embedded.status() is None
        assert len(said) == 2
    finally:
        kept.stop()
