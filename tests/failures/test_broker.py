"""The broker goes away, loses its disk or its network, or refuses: the stream goes on when it is mended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourceType,
)

from broker.topics import admin_client, create_topics
from events.topics import TopicNames
from tests.failures.proxy import TcpProxy
from tests.failures.system import (
    CAMERAS,
    COMMIT_SECONDS,
    FRAMES_PER_SECOND,
    PATIENCE_SECONDS,
    OwnBroker,
    Showing,
    assert_kept,
    light_worker,
    settled,
    wait_for_outcomes,
    wait_until,
)

pytestmark = [pytest.mark.broker, pytest.mark.long, pytest.mark.timeout(400)]

AWAY_SECONDS = 5.0
# What was confirmed and not committed when the broker was killed.
UNCERTAIN = int(3 * COMMIT_SECONDS * FRAMES_PER_SECOND * len(CAMERAS))


def test_a_broker_that_is_stopped_and_one_that_is_killed_come_back_on_the_same_data(tmp_path: Path) -> None:
    with OwnBroker(tmp_path) as broker, light_worker(broker.settings, log=tmp_path / "worker.log"):
        film = Showing(broker.settings, seconds=15)
        wait_for_outcomes(broker.settings)
        broker.stop()
        time.sleep(AWAY_SECONDS)
        broker.start()
        film.wait_for(1500)
        broker.kill()
        time.sleep(AWAY_SECONDS)
        broker.start()
        frames = film.finish()
        report = settled(broker.settings, frames=frames)

    assert_kept(report, frames=frames, max_duplicates=UNCERTAIN)


def test_connections_that_stall_and_that_are_cut_are_made_anew(tmp_path: Path) -> None:
    with (
        TcpProxy() as proxy,
        _behind(proxy, tmp_path) as broker,
        light_worker(broker.settings, log=tmp_path / "worker.log"),
    ):
        film = Showing(broker.settings, seconds=15)
        wait_for_outcomes(broker.settings)
        proxy.stall()
        time.sleep(AWAY_SECONDS)
        proxy.mend()
        film.wait_for(1500)
        for _ in range(3):
            assert proxy.cut() > 0
            time.sleep(1)
        frames = film.finish()
        report = settled(broker.settings, frames=frames)

    # What is sent again for want of an answer is told by its number.
    assert_kept(report, frames=frames)


def test_a_disk_that_is_full_stops_the_stream_and_loses_nothing(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount a small disk")
    disk = tmp_path / "disk"
    with _small_disk(disk, megabytes=700), OwnBroker(disk) as broker:
        film = Showing(broker.settings, seconds=10)
        with light_worker(broker.settings, log=tmp_path / "worker.log"):
            wait_for_outcomes(broker.settings)
            ballast = disk / "ballast"
            with pytest.raises(OSError, match="No space left"):
                _fill(ballast)
            # Kafka ends itself when it cannot write.
            wait_until(lambda: not broker.runs, "the broker to end")
            ballast.unlink()
            broker.stop()
            broker.start()
            frames = film.finish()
            report = settled(broker.settings, frames=frames)

    assert_kept(report, frames=frames, max_duplicates=UNCERTAIN)


@pytest.mark.parametrize("fault", ["missing", "too large", "not authorised"])
def test_a_topic_of_predictions_that_takes_none_stops_the_worker_with_its_offset_kept(
    tmp_path: Path, fault: str
) -> None:
    properties = {
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "true",
    }
    with OwnBroker(tmp_path, properties=properties) as broker:
        film = Showing(broker.settings, seconds=3)
        frames = film.finish()
        topic = TopicNames(broker.settings.topic_prefix).predictions
        _spoil(broker, topic, fault)
        with light_worker(broker.settings, log=tmp_path / "ends.log") as process:
            if fault != "missing":
                assert process.wait(PATIENCE_SECONDS) != 0
                said = (tmp_path / "ends.log").read_text()
                assert "its offset is kept" in said
            else:
                # The worker makes what is missing when it starts, and where it goes meanwhile the frames wait for it.
                settled(broker.settings, frames=frames)
        _mend(broker, topic, fault)
        with light_worker(broker.settings, log=tmp_path / "worker.log"):
            report = settled(broker.settings, frames=frames)

    assert_kept(report, frames=frames)


@contextmanager
def _behind(proxy: TcpProxy, folder: Path) -> Iterator[OwnBroker]:
    broker = OwnBroker(folder, proxy_port=proxy.port)
    proxy.start(target_port=broker.port)
    with broker:
        yield broker


@contextmanager
def _small_disk(folder: Path, *, megabytes: int) -> Iterator[None]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(64 * 1024))


def _spoil(broker: OwnBroker, topic: str, fault: str) -> None:
    with admin_client(broker.settings) as admin:
        if fault == "missing":
            admin.delete_topics([topic])
        elif fault == "too large":
            admin.alter_configs([_limit(topic, 100)])
        else:
            admin.create_acls([_nobody_may_write(topic), _everybody_may_read(topic)])


def _mend(broker: OwnBroker, topic: str, fault: str) -> None:
    with admin_client(broker.settings) as admin:
        if fault == "too large":
            admin.alter_configs([_limit(topic, 1_000_000)])
        elif fault == "not authorised":
            admin.delete_acls([_any_acl(topic)])
    create_topics(broker.settings)


def _limit(topic: str, limit_bytes: int) -> ConfigResource:
    return ConfigResource(ConfigResourceType.TOPIC, topic, configs={"max.message.bytes": str(limit_bytes)})


def _nobody_may_write(topic: str) -> object:
    return ACL(
        principal="User:ANONYMOUS",
        host="*",
        operation=ACLOperation.WRITE,
        permission_type=ACLPermissionType.DENY,
        resource_pattern=ResourcePattern(ResourceType.TOPIC, topic),
    )


def _everybody_may_read(topic: str) -> object:
    return ACL(
        principal="User:*",
        host="*",
        operation=ACLOperation.READ,
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType.TOPIC, topic),
    )


def _any_acl(topic: str) -> object:
    return ACLFilter(
        principal=None,
        host=None,
        operation=ACLOperation.ANY,
        permission_type=ACLPermissionType.ANY,
        resource_pattern=ResourcePattern(ResourceType.TOPIC, topic),
    )
