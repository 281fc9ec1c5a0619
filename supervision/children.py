"""Child processes that live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

import psutil

from supervision.exit_codes import ExitCode
from supervision.status import ChildStatus, StatusPage
from supervision.stopping import kill_trees, stop_processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A child that ended by itself. exit_code: negative for the signal that ended it, as subprocess has it."""

    name: str
    pid: int
    exit_code: int
    status: ChildStatus

    @property
    def cause(self) -> str:
        """Its own reason, or what the system knows of its end."""
        if self.status.failure is not None:
            return self.status.failure
        if self.exit_code < 0:
            return f"killed by {_signal_name(-self.exit_code)}"
        return f"exit code {self.exit_code}"


# One that ends of SIGTERM itself had not come so far as to listen to it, and had nothing in flight.
_CLEAN = (ExitCode.OK, -signal.SIGTERM)


class EndAtOnce(KeyboardInterrupt):
    """Whoever waits has had enough: what still runs is killed."""


class ChildProcesses:
    """Starts named children and ends all of them on leaving, however the block is left.

    The children get sessions of their own: a Ctrl-C in the terminal reaches only the parent, who ends them in order.
    log_dir: where each child writes, NAME.log for its messages and NAME.out for what it prints; None: to our own.
    """

    def __init__(self, *, log_dir: Path | None = None, stop_timeout_seconds: float = 15.0) -> None:
        self._log_dir = log_dir
        self._stop_timeout_seconds = stop_timeout_seconds
        self._children: dict[str, psutil.Popen] = {}
        self._pages: dict[str, StatusPage] = {}
        self._unclean: list[str] = []

    def start(self, name: str, module: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """Run a Python module. It ends with this process, even if that is killed."""
        self._start(name, "module", [module, *arguments], environment)

    def start_program(self, name: str, program: str, *arguments: str, environment: Mapping[str, str]) -> None:
        """The same for a program that is no Python module."""
        self._start(name, "program", [program, *arguments], environment)

    def path(self, name: str, kind: Literal["log", "out"]) -> Path:
        assert self._log_dir is not None
        return self._log_dir / f"{name}.{kind}"

    def pids(self) -> dict[str, int]:
        """Of the children that were started, by their names."""
        return {name: child.pid for name, child in self._children.items()}

    def status(self, name: str) -> ChildStatus:
        """What it has said of itself until now."""
        page = self._pages.get(name)
        # Ctrl-C may have come while it was being started.
        return ChildStatus() if page is None else page.read()

    def ended(self) -> Ended | None:
        """The first child found to have ended, or None while all run."""
        for name, child in self._children.items():
            exit_code = child.poll()
            if exit_code is not None:
                return Ended(name=name, pid=child.pid, exit_code=exit_code, status=self.status(name))
        return None

    def forget(self, name: str) -> None:
        """Of a child that has ended: its name is free, and it is not asked about any more."""
        del self._children[name]
        self._pages.pop(name).close()

    def wait(self, name: str, *, timeout_seconds: float) -> int | None:
        """Exit code of one child, or None if it still runs after the time."""
        try:
            return int(self._children[name].wait(timeout_seconds))
        except psutil.TimeoutExpired:
            return None

    def stop(self, name: str) -> int | None:
        """End one child gracefully and forget it; its exit code, or None if it had to be killed."""
        child = self._children[name]
        self.forget(name)
        killed = stop_processes([child], timeout_seconds=self._stop_timeout_seconds)
        exit_code = int(child.wait())
        return None if killed else exit_code

    @property
    def unclean(self) -> tuple[str, ...]:
        """After the block: those that had to be killed, or ended with an error of their own."""
        return tuple(self._unclean)

    def __enter__(self) -> ChildProcesses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        children = list(self._children.values())
        try:
            if not isinstance(error, EndAtOnce):
                killed = stop_processes(children, timeout_seconds=self._stop_timeout_seconds)
                self._unclean = [
                    name for name, child in self._children.items() if child.pid in killed or child.wait() not in _CLEAN
                ]
        finally:
            # A second Ctrl-C while they end gracefully comes here at once.
            kill_trees(children)
            for child in children:
                child.wait()
            for page in self._pages.values():
                page.close()

    def _start(
        self, name: str, kind: Literal["module", "program"], command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        page = self._pages[name] = StatusPage()
        with ExitStack() as files:
            self._children[name] = psutil.Popen(
                child_command(kind, command, status=page.descriptor),
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=self._output(name, "out", files),
                stderr=self._output(name, "log", files),
                start_new_session=True,
                pass_fds=(page.descriptor,),
            )

    def _output(self, name: str, kind: Literal["log", "out"], files: ExitStack) -> IO[bytes] | None:
        if self._log_dir is None:
            return None
        self._log_dir.mkdir(parents=True, exist_ok=True)
        # A child that is started again writes below what the one before it left.
        return files.enter_context(self.path(name, kind).open("ab"))


def child_command(
    kind: Literal["module", "program"], command: Sequence[str], *, status: int | None = None, remove: Path | None = None
) -> list[str]:
    """Command line that runs it as a child of this process. remove: a folder to remove when this process is gone."""
    # -P: a module of ours must not be found in the folder where the user happens to be.
    options = [sys.executable, "-P", "-m", "supervision.child", "--parent", str(os.getpid())]
    if status is not None:
        options += ["--status", str(status)]
    if remove is not None:
        options += ["--remove", str(remove)]
    return [*options, kind, *command]


def runs_program(command: Sequence[str]) -> bool:
    """Whether a command line is that of a child which only starts and ends another program."""
    return (
        "supervision.child" in command and next(word for word in command if word in ("module", "program")) == "program"
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
