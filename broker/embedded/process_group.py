"""The broker's processes: a group of their own, which gets its signals together."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence

import psutil

END_TIMEOUT_SECONDS = 30
POLL_SECONDS = 0.05


def end_group(group: int, *, orderly: bool) -> None:
    """End every process of the group and wait until they are gone; with SIGKILL at once where not `orderly`."""
    members = [process for process in psutil.process_iter() if _group_of(process.pid) == group]
    for number in (signal.SIGTERM, signal.SIGKILL) if orderly else (signal.SIGKILL,):
        try:
            os.killpg(group, number)
        except ProcessLookupError:
            return
        if _are_gone(members):
            return


def _are_gone(members: Sequence[psutil.Process]) -> bool:
    deadline = time.monotonic() + END_TIMEOUT_SECONDS
    while any(_runs(member) for member in members):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _runs(process: psutil.Process) -> bool:
    # A child whose parent has not asked for its exit code yet is a zombie, and does nothing any more.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
