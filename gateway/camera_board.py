"""What is known of each camera just now, of a bounded number of cameras."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from events.frame import Frame, Mode
from events.prediction import Prediction
from gateway.answers import CameraAnswer
from gateway.browser_camera import PREFIX
from gateway.rolling import RollingQuantiles, RollingRate

RATE_SECONDS = 5.0
LATENCY_SECONDS = 5.0
# The bound of what is remembered of each camera, whatever its rate.
MOST_REMEMBERED = 300


@dataclass(slots=True)
class CameraState:
    """seen_at: of the newest record of it, by time.monotonic()."""

    camera: str
    mode: Mode
    last_seen: datetime
    seen_at: float
    frame: Frame | None = None
    prediction: Prediction | None = None
    rate: RollingRate = field(default_factory=lambda: RollingRate(seconds=RATE_SECONDS, most=MOST_REMEMBERED))
    latency: RollingQuantiles = field(
        default_factory=lambda: RollingQuantiles(seconds=LATENCY_SECONDS, most=MOST_REMEMBERED)
    )


class CameraBoard:
    """Keeps the `most` cameras that were seen last, each no longer than `forget_seconds` after it was seen."""

    def __init__(self, *, most: int, forget_seconds: float) -> None:
        self._most = most
        self._forget_seconds = forget_seconds
        self._cameras: OrderedDict[str, CameraState] = OrderedDict()

    def see(self, camera: str, *, mode: Mode, at: datetime, now: float) -> CameraState:
        """The state of a camera that a record came of."""
        state = self._cameras.pop(camera, None) or CameraState(camera, mode, at, now)
        state.mode, state.last_seen, state.seen_at = mode, at, now
        self._cameras[camera] = state
        while len(self._cameras) > self._most:
            self._cameras.popitem(last=False)
        return state

    def get(self, camera: str) -> CameraState | None:
        return self._cameras.get(camera)

    def forget(self, *, now: float) -> None:
        """Let go of cameras that were not seen for long."""
        while self._cameras:
            oldest = next(iter(self._cameras.values()))
            if now - oldest.seen_at <= self._forget_seconds:
                return
            del self._cameras[oldest.camera]

    def states(self) -> tuple[CameraState, ...]:
        return tuple(self._cameras.values())

    def answers(self, *, now: float) -> tuple[CameraAnswer, ...]:
        """All cameras, by name."""
        return tuple(self._answer(self._cameras[name], now) for name in sorted(self._cameras))

    def _answer(self, state: CameraState, now: float) -> CameraAnswer:
        newest = state.prediction
        hand = newest.main_hand if newest else None
        (latency,) = state.latency.quantiles(0.5, now=now)
        return CameraAnswer(
            camera=state.camera,
            mode=state.mode,
            last_seen=state.last_seen,
            frames_per_second=round(state.rate.per_second(now), 2),
            latency_ms=None if latency is None else round(latency, 1),
            gesture=hand.gesture if hand else None,
            confidence=hand.confidence if hand else None,
            status=newest.status if newest else None,
            browser=state.camera.startswith(PREFIX),
        )
