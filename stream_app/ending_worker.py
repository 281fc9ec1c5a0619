"""Faust's worker, made to end in time."""

from __future__ import annotations

import logging
import signal
from typing import Any

import faust

from supervision.exit_codes import ExitCode
from supervision.signals import Shutdown

log = logging.getLogger("handstream.worker")

# A frame that never returns, or a broker that is away, must not keep the process. Nothing is lost: the offset is kept.
END_SECONDS = 10.0


class EndingWorker(faust.Worker):  # type: ignore[misc]
    """The first signal ends it in order, a second one at once."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._shutdown = Shutdown(
            self._begin_shutdown,
            within_seconds=END_SECONDS,
            timeout_code=ExitCode.FAILED,
            on_timeout=lambda: log.error("graceful_shutdown_timed_out", extra={"seconds": END_SECONDS}),
        )

    def _on_sigint(self) -> None:
        self._shutdown.request()

    def _on_sigterm(self) -> None:
        self._shutdown.request()

    def _begin_shutdown(self) -> None:
        self._schedule_shutdown(signal.SIGTERM)
