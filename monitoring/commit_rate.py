"""How fast offsets move."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from monitoring.cluster import Partition
from monitoring.lag_collector import Snapshot

# Offsets are committed once a second, so less than a few seconds would jump about.
WINDOW_SECONDS = 10.0

Key = tuple[str, Partition]


class CommitRate:
    """Records a second that each group gets through, over the last ten seconds."""

    def __init__(self) -> None:
        self._seen: dict[Key, deque[tuple[float, int]]] = {}

    def update(self, snapshot: Snapshot) -> None:
        seen = {}
        for key, committed in _committed(snapshot):
            offsets = self._seen.get(key, deque())
            offsets.append((snapshot.taken_at_seconds, committed))
            # The one before the window stays, so that it is always covered.
            while len(offsets) > 2 and offsets[1][0] <= snapshot.taken_at_seconds - WINDOW_SECONDS:
                offsets.popleft()
            seen[key] = offsets
        self._seen = seen

    def per_second(self, group: str, partition: Partition) -> float | None:
        """None before the second look, and where the group has not committed."""
        offsets = self._seen.get((group, partition))
        if offsets is None or offsets[-1][0] <= offsets[0][0]:
            return None
        (began, first), (ended, last) = offsets[0], offsets[-1]
        # Whoever sets offsets back has not read a negative number of records.
        return max(0, last - first) / (ended - began)


def _committed(snapshot: Snapshot) -> Iterator[tuple[Key, int]]:
    for group in snapshot.groups:
        for lag in group.partitions:
            if lag.committed is not None:
                yield (group.group, Partition(lag.topic, lag.partition)), lag.committed
