"""Ending processes: politely first, by force when that takes too long."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

import psutil

_POLL_SECONDS = 0.05
_KILL_SECONDS = 10.0


def stop_processes(processes: Sequence[psutil.Process], *, timeout_seconds: float) -> set[int]:
    """SIGTERM to all, and SIGKILL with their children to those that still run after the time; pids of the latter."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    killed = _wait_until_gone(processes, timeout_seconds=timeout_seconds)
    kill_trees(killed)
    return {process.pid for process in killed}


def kill_trees(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL to processes and their children, and wait until they are gone."""
    killed: list[psutil.Process] = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            killed += [*process.children(recursive=True), process]
    for process in killed:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    _wait_until_gone(killed, timeout_seconds=_KILL_SECONDS)


def group_members(group: int) -> list[psutil.Process]:
    """Processes of a process group, whether or not its leader still runs."""
    return [process for process in psutil.process_iter() if _group_of(process.pid) == group]


def _wait_until_gone(processes: Iterable[psutil.Process], *, timeout_seconds: float) -> list[psutil.Process]:
    """Those that still run after the time."""
    deadline = time.monotonic() + timeout_seconds
    left = list(processes)
    while left := [process for process in left if _runs(process)]:
        if time.monotonic() >= deadline:
            break
        time.sleep(_POLL_SECONDS)
    return left


def _runs(process: psutil.Process) -> bool:
    # Nobody may ever ask for the exit code of a zombie, and it does nothing any more.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
