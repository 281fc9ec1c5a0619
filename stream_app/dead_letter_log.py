"""Dead letters in the log: each at DEBUG, and a warning a minute for each reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stream_app.outcome import DEAD_LETTER, Outcome

log = logging.getLogger("handstream.worker")

WINDOW_SECONDS = 60.0


@dataclass(slots=True)
class _Reason:
    count: int = 0
    told_at: float = float("-inf")
    last: dict[str, object] = field(default_factory=dict)


class DeadLetterLog:
    """The first of a reason is told at once, those that follow within a minute together. clock: seconds that rise."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reasons: dict[str, _Reason] = {}

    def count(self, outcome: Outcome) -> None:
        if outcome.status != DEAD_LETTER:
            return
        headers = {name: value.decode(errors="replace") for name, value in outcome.record.headers if name[:4] == "dlq_"}
        one = self._reasons.setdefault(headers["dlq_reason"], _Reason())
        one.count += 1
        one.last = {
            "camera": outcome.camera,
            "topic": headers["dlq_topic"],
            "partition": int(headers["dlq_partition"]),
            "offset": int(headers["dlq_offset"]),
            "error": headers["dlq_error"],
        }
        log.debug("A frame became a dead letter", extra={"reason": headers["dlq_reason"], **one.last})

    def tell(self, *, at_once: bool = False) -> None:
        """Log what is due; at_once: whatever is left."""
        now = self._clock()
        for reason, one in self._reasons.items():
            if one.count and (at_once or now - one.told_at >= WINDOW_SECONDS):
                log.warning(
                    "Frames became dead letters",
                    extra={"reason": reason, "count": one.count, **one.last},
                )
                one.count, one.told_at = 0, now
