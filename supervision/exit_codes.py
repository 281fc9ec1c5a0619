"""The exit codes of every command."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """OK: done, or a service that was told to stop. BAD_USE: wrong options or settings, or it cannot start.

    INTERRUPTED: a run with an end of its own was cut short, or a second Ctrl-C ended it at once.
    """

    OK = 0
    FAILED = 1
    BAD_USE = 2
    NOT_THERE = 3
    INTERRUPTED = 130  # 128 + SIGINT, as shells count it


def of_signal(number: int) -> int:
    """As shells count a process that ended by a signal: 137 for SIGKILL, 143 for SIGTERM."""
    return 128 + number
