"""Counting by camera, with a bound on the names that cameras may give themselves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge

from monitoring import table

MAX_CAMERAS = 64
# One that has been silent for so long gives its place to another, and no sooner.
SILENCE_SECONDS = 600.0
OTHER = "other"


@dataclass(slots=True)
class _Camera:
    frames: Counter
    last_frame: Gauge
    seen_at: float


class CameraMetrics:
    """The first cameras have series of their own; those beyond the bound share one, called `other`.

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
        self._last_frame = table.CAMERA_LAST_FRAME.create(registry)
        self._max_cameras = max_cameras
        self._silence_seconds = silence_seconds
        self._clock = clock
        self._cameras: dict[str, _Camera] = {}

    def count(self, camera: str) -> None:
        """A frame of this camera had its outcome."""
        now = self._clock()
        known = self._cameras.get(camera) or self._admit(camera, now=now)
        known.seen_at = now
        known.frames.inc()
        known.last_frame.set(now)

    def _admit(self, camera: str, *, now: float) -> _Camera:
        if camera != OTHER and sum(name != OTHER for name in self._cameras) >= self._max_cameras:
            silent = min(
                (name for name in self._cameras if name != OTHER), key=lambda name: self._cameras[name].seen_at
            )
            if now - self._cameras[silent].seen_at < self._silence_seconds:
                return self._cameras.get(OTHER) or self._admit(OTHER, now=now)
            del self._cameras[silent]
            self._frames.remove(silent)
            self._last_frame.remove(silent)
        made = _Camera(self._frames.labels(camera=camera), self._last_frame.labels(camera=camera), now)
        self._cameras[camera] = made
        return made
