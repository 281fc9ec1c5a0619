"""Counting by camera, with a bound on the names that cameras may give themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge

from monitoring import table

MAX_CAMERAS = 64
# One that has been silent for so long gives its place to another, and no sooner.
SILENCE_SECONDS = 600.0
OTHER = "other"


class LiveStream(NamedTuple):
    """One run of a producer, in the partition that a live camera's frames go to."""

    run: str
    partition: int


@dataclass(slots=True, kw_only=True)
class _Camera:
    """stream, last_frame: of a live camera whose stream goes on; a camera without them cannot be silent."""

    name: str
    frames: Counter
    dead_letters: Counter
    seen_at: float
    stream: LiveStream | None = None
    last_frame: Gauge | None = None


class CameraMetrics:
    """The first cameras have series of their own; those beyond the bound share one, called `other`.

    When the last frame came is told of live cameras alone, and only while their stream goes on here: not of files, not
    after the end of the run, and not of a partition that another worker has by now, which would hear of that end in
    our place.

    clock: seconds since 1970.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        max_cameras: int = MAX_CAMERAS,
        silence_seconds: float = SILENCE_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._frames = table.CAMERA_FRAMES.create(registry)
        self._dead_letters = table.CAMERA_DEAD_LETTERS.create(registry)
        self._last_frame = table.CAMERA_LAST_FRAME.create(registry)
        self._max_cameras = max_cameras
        self._silence_seconds = silence_seconds
        self._clock = clock
        self._cameras: dict[str, _Camera] = {}

    def count(self, camera: str, *, stream: LiveStream | None = None) -> None:
        """A frame of this camera had its outcome. stream: that a live frame belongs to."""
        known = self._count(camera)
        if stream is not None:
            if known.last_frame is None:
                known.last_frame = self._last_frame.labels(camera=known.name)
            known.stream = stream
            known.last_frame.set(known.seen_at)

    def count_dead_letter(self, camera: str) -> None:
        """A frame of this camera became a dead letter. A live camera that sends such frames is not silent either."""
        known = self._count(camera)
        known.dead_letters.inc()
        if known.last_frame is not None:
            known.last_frame.set(known.seen_at)

    def end(self, stream: LiveStream) -> None:
        """No frame of this stream comes any more."""
        self._withdraw(lambda one: one == stream)

    def keep(self, partitions: Collection[int]) -> None:
        """Only these partitions are ours now."""
        self._withdraw(lambda one: one.partition not in partitions)

    def _withdraw(self, is_over: Callable[[LiveStream], bool]) -> None:
        for camera in self._cameras.values():
            if camera.stream is not None and is_over(camera.stream):
                camera.stream = camera.last_frame = None
                self._last_frame.remove(camera.name)

    def _count(self, camera: str) -> _Camera:
        now = self._clock()
        known = self._cameras.get(camera) or self._admit(camera, now=now)
        known.seen_at = now
        known.frames.inc()
        return known

    def _admit(self, camera: str, *, now: float) -> _Camera:
        if camera != OTHER and sum(name != OTHER for name in self._cameras) >= self._max_cameras:
            silent = min(
                (known for known in self._cameras.values() if known.name != OTHER), key=lambda known: known.seen_at
            )
            if now - silent.seen_at < self._silence_seconds:
                return self._cameras.get(OTHER) or self._admit(OTHER, now=now)
            self._forget(silent)
        made = self._cameras[camera] = _Camera(
            name=camera,
            frames=self._frames.labels(camera=camera),
            dead_letters=self._dead_letters.labels(camera=camera),
            seen_at=now,
        )
        return made

    def _forget(self, camera: _Camera) -> None:
        del self._cameras[camera.name]
        self._frames.remove(camera.name)
        self._dead_letters.remove(camera.name)
        if camera.last_frame is not None:
            self._last_frame.remove(camera.name)
