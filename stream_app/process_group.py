"""Child processes that live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A child that ended by itself."""

    name: str
    exit_code: int


# One that ends of SIGTERM itself had not come so far as to listen to it, and had nothing in flight.
_CLEAN = (0, -signal.SIGTERM)


class EndAtOnce(KeyboardInterrupt):
    """Whoever waits has had enough: what still runs is killed."""


class ProcessGroup:
    """Starts named children and ends all of them on leaving, however the block is left.

    The children get sessions of their own: a Ctrl-C in the terminal reaches only the parent, who ends them in order.
    log_dir: where each child writes, NAME.log for its messages and NAME.out for what it prints; None: to our own.
    """

    def __init__(self, *, log_dir: Path | None = None, stop_timeout_seconds: float = 15.0) -> None:
        self._log_dir = log_dir
        self._stop_timeout_seconds = stop_timeout_seconds
        self._children: dict[str, psutil.Popen] = {}
        self._files: list[IO[bytes]] = []
        self._unclean: list[str] = []

    def start(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run a Python module. It ends with this process, even if that is killed."""
        messages: IO[bytes] | None = None
        printed: IO[bytes] | None = None
        if self._log_dir is not None:
            self._log_dir.mkdir(parents=True, exist_ok=True)
            messages = self.path(name, "log").open("wb")
            printed = self.path(name, "out").open("wb")
            self._files += (messages, printed)
        self._children[name] = psutil.Popen(
            _as_child(module, arguments),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=messages,
            start_new_session=True,
        )

    def path(self, name: str, kind: Literal["log", "out"]) -> Path:
        assert self._log_dir is not None
        return self._log_dir / f"{name}.{kind}"

    def pids(self) -> dict[str, int]:
        """Of the children that were started, by their names."""
        return {name: child.pid for name, child in self._children.items()}

    def ended(self) -> Ended | None:
        """The first child found to have ended, or None while all run."""
        for name, child in self._children.items():
            exit_code = child.poll()
            if exit_code is not None:
                return Ended(name=name, exit_code=exit_code)
        return None

    def wait(self, name: str, *, timeout_seconds: float) -> int | None:
        """Exit code of one child, or None if it still runs after the time."""
        try:
            return int(self._children[name].wait(timeout_seconds))
        except psutil.TimeoutExpired:
            return None

    def stop(self, name: str) -> int | None:
        """End one child kindly; its exit code, or None if it had to be killed."""
        child = self._children.pop(name)
        return _end([child], timeout_seconds=self._stop_timeout_seconds).get(child.pid)

    @property
    def unclean(self) -> tuple[str, ...]:
        """After the block: those that had to be killed, or ended with an error of their own."""
        return tuple(self._unclean)

    def __enter__(self) -> ProcessGroup:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not isinstance(error, EndAtOnce):
                kindly = _end(list(self._children.values()), timeout_seconds=self._stop_timeout_seconds)
                self._unclean = [name for name, child in self._children.items() if kindly.get(child.pid) not in _CLEAN]
        finally:
            # A second Ctrl-C while they end kindly comes here at once.
            for child in self._children.values():
                _kill_tree(child)
            for file in self._files:
                file.close()


def _end(children: list[psutil.Popen], *, timeout_seconds: float) -> dict[int, int]:
    for child in children:
        if child.poll() is None:
            child.terminate()
    psutil.wait_procs(children, timeout=timeout_seconds)
    kindly = {child.pid: child.returncode for child in children if child.poll() is not None}
    for child in children:
        _kill_tree(child)
    return kindly


def _kill_tree(child: psutil.Popen) -> None:
    if child.poll() is not None:
        return
    for process in [*child.children(recursive=True), child]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    child.wait()


def _as_child(module: str, arguments: Sequence[str]) -> list[str]:
    # -P: a module of ours must not be found in the folder where the user happens to be.
    return [sys.executable, "-P", "-m", "stream_app.child", str(os.getpid()), module, *arguments]
