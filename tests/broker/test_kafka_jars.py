"""Fetching Kafka, from a Maven repository on this machine that holds what a test puts there."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from broker.embedded import assets
from broker.embedded.assets import ensure_kafka
from broker.embedded.errors import ChecksumMismatch, FetchFailed
from broker.embedded.lock import KAFKA_VERSION, LockedJar, locked_jars

CONTENT = b"the bytes of a jar"
JAR = LockedJar(
    group="org.example",
    artifact="small",
    version="1.0",
    size_bytes=len(CONTENT),
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Maven repository that jgo's configuration names, with the one jar that Kafka is made of in this test."""
    root = tmp_path / "repository"
    path = root / "org/example/small/1.0/small-1.0.jar"
    path.parent.mkdir(parents=True)
    path.write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\nmirror = http://127.0.0.1:{server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(assets, "locked_jars", lambda: (JAR,))
    yield path
    server.shutdown()
    server.server_close()


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        # Port 9, "discard": nothing listens there.
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.lower(), "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def test_a_jar_is_fetched_checked_and_kept(repository: Path, tmp_path: Path) -> None:
    (found,) = ensure_kafka(cache_dir=tmp_path / "cache", progress=False)
    assert found.read_bytes() == CONTENT
    assert found.parent.name == f"kafka-{KAFKA_VERSION}"


@pytest.mark.usefixtures("repository")
def test_the_second_time_needs_no_network(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    first = ensure_kafka(cache_dir=tmp_path / "cache", progress=False)
    request.getfixturevalue("no_network")
    assert ensure_kafka(cache_dir=tmp_path / "cache", progress=False) == first


def test_another_jar_than_the_pinned_one_is_refused_and_not_kept(repository: Path, tmp_path: Path) -> None:
    repository.write_bytes(b"somebody else's bytes")
    with pytest.raises(ChecksumMismatch) as caught:
        ensure_kafka(cache_dir=tmp_path / "cache", progress=False)
    assert JAR.sha256 in str(caught.value)
    assert hashlib.sha256(b"somebody else's bytes").hexdigest() in str(caught.value)
    assert not list((tmp_path / "cache").rglob("*.jar"))


@pytest.mark.usefixtures("repository")
def test_a_damaged_jar_is_fetched_again(tmp_path: Path) -> None:
    (found,) = ensure_kafka(cache_dir=tmp_path / "cache", progress=False)
    found.write_bytes(CONTENT[:5])
    ensure_kafka(cache_dir=tmp_path / "cache", progress=False)
    assert found.read_bytes() == CONTENT


@pytest.mark.usefixtures("no_network")
def test_without_network_and_cache_the_message_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "locked_jars", lambda: (JAR,))
    with pytest.raises(FetchFailed, match=r"small-1\.0\.jar.*handstream setup.*HANDSTREAM_BROKER"):
        ensure_kafka(cache_dir=tmp_path / "cache", progress=False)


@pytest.mark.usefixtures("repository")
def test_the_progress_bar_reaches_the_size_that_the_lock_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_kafka(cache_dir=tmp_path / "cache", progress=True)
    shown = capsys.readouterr()
    assert f"{len(CONTENT)}/{len(CONTENT)} bytes" in shown.err
    assert shown.out == ""


@pytest.mark.usefixtures("repository")
def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a directory")
    with pytest.raises(FetchFailed, match=str(tmp_path / "cache")):
        ensure_kafka(cache_dir=tmp_path / "cache", progress=False)


def test_the_lock_names_one_kafka_with_a_logger_and_a_sum_for_each_jar() -> None:
    jars = locked_jars()
    versions = {jar.artifact: jar.version for jar in jars}
    assert len(versions) == len(jars)
    assert {versions[name] for name in ("kafka_2.13", "kafka-clients", "kafka-server")} == {KAFKA_VERSION}
    assert versions["log4j-slf4j-impl"] == versions["log4j-core"] == versions["log4j-api"]
    assert all(len(jar.sha256) == 64 for jar in jars)
    assert replace(jars[0], version="2").file_name.endswith("-2.jar")
