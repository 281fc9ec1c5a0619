"""Dead letters in the log: each at DEBUG, and a warning a minute for each reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stream_app.outcome import DeadLettered, Outcome

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
        if not isinstance(outcome, DeadLettered):
            return
        letter = outcome.letter
        reason = letter.reason.value
        one = self._reasons.setdefault(reason, _Reason())
        one.count += 1
        one.last = {
            "camera": outcome.camera,
            "topic": letter.position.topic,
            "partition": letter.position.partition,
            "offset": letter.position.offset,
            "error": letter.short_error,
        }
        log.debug("A frame became a dead letter", extra={"reason": reason, **one.last})

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
