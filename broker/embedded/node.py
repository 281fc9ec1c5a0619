"""The embedded broker: start it, ask for it, stop it."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import uuid
from base64 import urlsafe_b64encode
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from broker.embedded.assets import ensure_kafka
from broker.embedded.class_cache import UnfinishedCache, class_cache_file, reading_options, writing_options
from broker.embedded.disk import prepare_directory, writing
from broker.embedded.errors import AlreadyRunning, EmbeddedBrokerError, StartFailed
from broker.embedded.java import find_java, java_command
from broker.embedded.ports import answers, check_port, free_port
from broker.embedded.properties import HOST, server_properties, write_properties
from broker.embedded.state import BrokerState, read_state, write_state
from broker.topics import BrokerUnavailable, check_broker
from settings import Settings
from supervision.children import child_command
from supervision.stopping import group_members, kill_trees, stop_processes

START_TIMEOUT_SECONDS = 90
STOP_TIMEOUT_SECONDS = 30
POLL_SECONDS = 0.05
LOG_TAIL_LINES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatus:
    """A running broker. resident_bytes: memory of its processes."""

    address: str
    pid: int
    started_at: datetime
    resident_bytes: int
    data_dir: Path
    log: Path


class EmbeddedBroker:
    """Apache Kafka, one node, on the loopback address.

    settings: record size, where data and downloads are kept, how its clients log in.
    port: 0 for a free one. Without it, that of `settings.broker`.
    ephemeral: a free port and a data directory of its own, removed at the end.
    detached: outlive this process. Otherwise the broker ends when this process does, even when that is killed.
    properties: lines of server.properties that go over ours.
    progress: show a bar on stderr while Kafka is fetched.
    class_cache: file to write Java's class cache into when it ends.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        port: int | None = None,
        ephemeral: bool = False,
        detached: bool = False,
        properties: Mapping[str, str] | None = None,
        progress: bool = True,
        class_cache: Path | None = None,
    ) -> None:
        if ephemeral and detached:
            raise ValueError("an ephemeral broker ends with the process that started it: it cannot be detached")
        self._settings = settings
        self._ephemeral = ephemeral
        self._detached = detached
        self._extra = dict(properties or {})
        self._progress = progress
        self._class_cache = class_cache
        self._port = (0 if ephemeral else int(settings.servers[0].rpartition(":")[2])) if port is None else port
        self._directory = (
            Path(tempfile.mkdtemp(prefix="handstream-broker-")) if ephemeral else settings.data_dir / "broker"
        )
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def directory(self) -> Path:
        return self._directory

    @property
    def log(self) -> Path:
        return self._directory / "server.log"

    @property
    def ended_by_itself(self) -> bool:
        """Whether one was started on this data directory, does not run, and was not stopped."""
        return read_state(self._state_file) is not None and self.status() is None

    def settings(self) -> Settings:
        """The settings that reach this broker. Raises EmbeddedBrokerError where it does not run."""
        status = self.status()
        if status is None:
            raise EmbeddedBrokerError("the embedded broker does not run: start it with `handstream broker start`")
        return self._client_settings(status.address)

    def status(self) -> BrokerStatus | None:
        """The broker that runs on this data directory, whoever started it."""
        state = read_state(self._state_file)
        process = state.process() if state else None
        if state is None or process is None:
            return None
        try:
            family = (process, *process.children(recursive=True))
            resident_bytes = sum(member.memory_info().rss for member in family)
        except psutil.NoSuchProcess:
            return None
        return BrokerStatus(
            address=f"{HOST}:{state.port}",
            pid=state.pid,
            started_at=datetime.fromtimestamp(state.started_at_seconds, UTC),
            resident_bytes=resident_bytes,
            data_dir=self._directory,
            log=self.log,
        )

    def start(self) -> BrokerStatus:
        """Start it and wait until it answers. Raises a kind of EmbeddedBrokerError, AlreadyRunning among them."""
        self._refuse_if_running()
        try:
            self._prepare_and_start()
        except BaseException:
            self._abandon()
            raise
        status = self.status()
        if status is None:
            raise self._start_failed("ended while it was starting")
        return status

    def wait(self) -> int:
        """Wait until the broker that this object started ends, and return its exit code."""
        assert self._process is not None, "start() comes first"
        return self._process.wait()

    def stop(self) -> bool:
        """End it, whoever started it, and say whether it ran. Nothing of an ephemeral one is left."""
        state = read_state(self._state_file)
        process = state.process() if state else None
        if process is not None:
            self._end(process.pid)
        elif self._process is not None and self._process.returncode is None:
            # The leader of the group is gone, its members perhaps not. The pid is ours until it was waited for.
            self._end(self._process.pid)
        self._clean_up()
        return process is not None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def _state_file(self) -> Path:
        return self._directory / "state.json"

    @property
    def _properties_file(self) -> Path:
        return self._directory / "server.properties"

    def _client_settings(self, address: str) -> Settings:
        return self._settings.model_copy(update={"broker": address})

    def _refuse_if_running(self) -> None:
        running = self.status()
        if running is not None:
            raise AlreadyRunning(f"the broker is already running at {running.address} (pid {running.pid})")

    def _prepare_and_start(self) -> None:
        java = find_java()
        jars = ensure_kafka(cache_dir=self._settings.cache_dir, progress=self._progress)
        prepare_directory(self._directory)
        with self._one_start_at_a_time():
            self._refuse_if_running()
            port = self._port or free_port()
            check_port(port)
            with writing(self._directory):
                self._launch(java, jars, port)
            self._wait_until_it_answers(port)

    @contextmanager
    def _one_start_at_a_time(self) -> Iterator[None]:
        with (self._directory / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _launch(self, java: Path, jars: Sequence[Path], port: int) -> None:
        logs = self._directory / "kafka"
        properties = server_properties(
            settings=self._settings, port=port, controller_port=free_port(), log_dir=logs.name, extra=self._extra
        )
        write_properties(self._properties_file, properties)
        if self.log.exists():
            os.replace(self.log, self.log.with_suffix(".log.1"))
        with self.log.open("wb") as log:
            if not (logs / "meta.properties").exists():
                self._format(java, jars, log.fileno())
            command = java_command(
                java=java,
                jars=jars,
                main_class="kafka.Kafka",
                arguments=[self._properties_file.name],
                options=reading_options(jars) if self._class_cache is None else writing_options(self._class_cache),
            )
            if not self._detached:
                command = child_command("program", command, remove=self._directory if self._ephemeral else None)
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                # Ctrl-C in the terminal goes to its foreground group; the broker ends when we say so.
                start_new_session=True,
            )
        write_state(self._state_file, BrokerState.of(pid=self._process.pid, port=port))

    def _format(self, java: Path, jars: Sequence[Path], log: int) -> None:
        cluster_id = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # One argument with "=": one id in 64 begins with "-", which the tool would take for an option of its own.
        arguments = ["format", f"--cluster-id={cluster_id}", "--config", self._properties_file.name]
        command = java_command(
            java=java,
            jars=jars,
            main_class="kafka.tools.StorageTool",
            arguments=arguments,
            options=reading_options(jars),
        )
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=self._directory,
            check=False,
            start_new_session=True,
        )
        if done.returncode != 0:
            raise self._start_failed("could not prepare its data directory")

    def _wait_until_it_answers(self, port: int) -> None:
        assert self._process is not None
        settings = self._client_settings(f"{HOST}:{port}")
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise self._start_failed(f"ended with code {self._process.returncode} while it was starting")
            if answers(port):
                try:
                    check_broker(settings)
                except BrokerUnavailable:
                    pass
                else:
                    return
            time.sleep(POLL_SECONDS)
        raise self._start_failed(f"did not answer within {START_TIMEOUT_SECONDS} s")

    def _abandon(self) -> None:
        # Only what this object launched: another start may be under way on the same directory.
        if self._process is not None:
            self._end(self._process.pid)
            self._clean_up()
        elif self._ephemeral:
            self._clean_up()

    def _clean_up(self) -> None:
        self._state_file.unlink(missing_ok=True)
        if self._ephemeral:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _start_failed(self, what: str) -> StartFailed:
        with self.log.open(encoding="utf-8", errors="replace") as log:
            # The frames of a Java stack trace would push out what it is about.
            lines = deque((line.rstrip() for line in log if not line.startswith("\tat ")), maxlen=LOG_TAIL_LINES)
        tail = "\n".join(f"  {line}" for line in lines)
        kept = self.log
        if self._ephemeral:
            kept = Path(tempfile.gettempdir()) / f"{self._directory.name}.log"
            shutil.copy(self.log, kept)
        return StartFailed(f"the broker {what}; the end of its log {kept}:\n{tail}")

    def _end(self, pid: int) -> None:
        processes = group_members(pid)
        if self._ephemeral and self._class_cache is None:
            # There is nothing to flush for data that is about to be removed.
            kill_trees(processes)
        else:
            stop_processes(processes, timeout_seconds=STOP_TIMEOUT_SECONDS)
        if self._process is not None:
            self._process.wait()


def ensure_class_cache(settings: Settings) -> Path | None:
    """Java's cache of the broker's classes; where there is none, a broker is started and ended to write it.

    None where that wrote none, which only makes brokers start later. Raises EmbeddedBrokerError where Kafka cannot be
    had.
    """
    jars = ensure_kafka(cache_dir=settings.cache_dir)
    file = class_cache_file(jars)
    if file.is_file():
        return file
    unfinished = UnfinishedCache(jars)
    with suppress(StartFailed), EmbeddedBroker(settings=settings, ephemeral=True, class_cache=unfinished.file):
        pass
    return file if unfinished.keep() else None
