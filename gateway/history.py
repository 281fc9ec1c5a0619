"""The predictions that came last, for who asks afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from broker.received import OutcomeFilter, ReceivedPrediction


class History:
    """Keeps the newest `most` predictions."""

    def __init__(self, most: int) -> None:
        self._kept: deque[ReceivedPrediction] = deque(maxlen=most)

    def add(self, received: ReceivedPrediction) -> None:
        self._kept.append(received)

    def newest(self, wanted: OutcomeFilter, *, limit: int) -> Iterator[ReceivedPrediction]:
        """Newest first."""
        for received in reversed(self._kept):
            if limit <= 0:
                return
            if wanted.matches(received):
                limit -= 1
                yield received
