"""SIGTERM, SIGHUP and Ctrl-C: the first ends a process in order, a second one at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

from supervision.exit_codes import ExitCode

TERMINATION = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def termination_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM, and SIGHUP of a closed terminal, raise KeyboardInterrupt within the block. Main thread only."""
    # Under nohup SIGHUP is ignored already, and stays so.
    numbers = [number for number in TERMINATION if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, _interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


class Shutdown:
    """Shuts down once, within a time; a second request ends the process at once.

    stop: begins the orderly end and returns. within_seconds: when it is not over by then, on_timeout is called and the
    process ends with timeout_code.
    """

    def __init__(
        self,
        stop: Callable[[], object],
        *,
        within_seconds: float,
        timeout_code: int,
        on_timeout: Callable[[], object] = lambda: None,
    ) -> None:
        self._stop = stop
        self._within_seconds = within_seconds
        self._timeout_code = timeout_code
        self._on_timeout = on_timeout
        self._requested = False

    def request(self, *_: object) -> None:
        """Fits as a signal handler."""
        if self._requested:
            os._exit(ExitCode.INTERRUPTED)
        self._requested = True
        exit_within(self._within_seconds, code=self._timeout_code, first=self._on_timeout)
        self._stop()

    def handle_signals(self) -> None:
        for number in (signal.SIGINT, *TERMINATION):
            signal.signal(number, self.request)


def exit_within(seconds: float, *, code: int, first: Callable[[], object] = lambda: None) -> None:
    """End the process by force after this time, unless it has ended before. first: called just before that."""

    def exit_now() -> None:
        first()
        os._exit(code)

    timer = threading.Timer(seconds, exit_now)
    timer.daemon = True
    timer.start()
