"""Whether so many cameras send nothing but dead letters that the fault is probably ours."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

from stream_app.outcome import DeadLettered, Outcome, Predicted, Skipped

WINDOW_SECONDS = 60
MIN_FRAMES = 20
# The camera that was heard of the longest ago is forgotten.
MAX_CAMERAS = 256

# Second, frames and dead letters within it.
_Seconds = deque[list[int]]


class DeadLetterShare:
    """Watches the outcomes of the last minute.

    A camera is faulty where the share of dead letters among its frames is above the limit; the limit is exceeded where
    the share of faulty cameras is. So a camera that sends nothing but broken frames counts once among the others,
    however fast it sends, while a decoder of ours that is broken makes all cameras faulty. The only camera of a worker
    counts for itself: there is nothing to tell its fault from ours.

    limit: 0..1; 1 is never exceeded. clock: seconds that only rise. Counted in one thread, asked from any.
    """

    def __init__(self, *, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._cameras: OrderedDict[str, _Seconds] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, outcome: Outcome) -> None:
        if isinstance(outcome, DeadLettered):
            self._count(outcome.camera, dead=1)
        elif isinstance(outcome, Predicted | Skipped):
            self._count(outcome.prediction.camera, dead=0)

    def _count(self, camera: str, *, dead: int) -> None:
        now = int(self._clock())
        with self._lock:
            seconds = self._cameras.setdefault(camera, deque())
            self._cameras.move_to_end(camera)
            if len(self._cameras) > MAX_CAMERAS:
                self._cameras.popitem(last=False)
            if not seconds or seconds[-1][0] != now:
                seconds.append([now, 0, 0])
            while seconds[0][0] <= now - WINDOW_SECONDS:
                seconds.popleft()
            seconds[-1][1] += 1
            seconds[-1][2] += dead

    def faulty_ratio(self) -> float:
        """Share of the cameras of the last minute that are faulty; 0 where too few frames came to tell."""
        faulty, cameras = self._faulty()
        return faulty / cameras if cameras else 0.0

    def exceeded(self) -> bool:
        return self.faulty_ratio() > self._limit

    def check(self) -> str | None:
        """What is wrong, for `/readyz`."""
        faulty, cameras = self._faulty()
        if not cameras or faulty / cameras <= self._limit:
            return None
        return (
            f"of {faulty} of {cameras} cameras more than {self._limit:.0%} of the frames of the last "
            f"{WINDOW_SECONDS} s became dead letters: see their reasons with `handstream dlq list`"
        )

    def _faulty(self) -> tuple[int, int]:
        """Faulty cameras and all cameras."""
        since = int(self._clock()) - WINDOW_SECONDS
        with self._lock:
            counts = [
                (sum(one[1] for one in recent), sum(one[2] for one in recent))
                for seconds in self._cameras.values()
                if (recent := [one for one in seconds if one[0] > since])
            ]
        if sum(frames for frames, _ in counts) < MIN_FRAMES:
            return 0, 0
        return sum(dead > self._limit * frames for frames, dead in counts), len(counts)
