"""Faust's worker, made to end in time."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

import faust

log = logging.getLogger("handstream.worker")

# A frame that never returns, or a broker that is away, must not keep the process. Nothing is lost: the offset is kept.
END_SECONDS = 10.0
INTERRUPTED = 130  # 128 + SIGINT, as shells count it
ENDED_BY_FORCE = 1


class EndingWorker(faust.Worker):  # type: ignore[misc]
    """The first signal ends it in order, a second one at once."""

    def _on_sigint(self) -> None:
        self._schedule_shutdown(signal.SIGINT)

    def _schedule_shutdown(self, number: Any) -> None:
        if self._signal_stop_time:
            os._exit(INTERRUPTED)
        timer = threading.Timer(END_SECONDS, _end_by_force)
        timer.daemon = True
        timer.start()
        super()._schedule_shutdown(number)


def _end_by_force() -> None:
    log.error("What is in flight was not finished in time; its offset is kept", extra={"seconds": END_SECONDS})
    os._exit(ENDED_BY_FORCE)
