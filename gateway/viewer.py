"""One viewer's queue: the latest of everything, bounded, so that a slow viewer misses some and holds up nobody."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from enum import StrEnum

Message = str | bytes

# The most cameras that wait for a viewer at once; of each the newest prediction and the newest frame.
MAX_CAMERAS = 64
MAX_EVENTS = 64
DEFAULT_FRAMES_PER_SECOND = 5.0
MAX_FRAMES_PER_SECOND = 30.0


class Dropped(StrEnum):
    """Kinds of messages that a viewer may miss; each is a label of a metric."""

    PREDICTION = "prediction"
    FRAME = "frame"
    EVENT = "event"


class Viewer:
    """Offer it what comes; take() gives what is to be sent next. Only for use within one event loop.

    dropped: told of each message that was replaced before it was sent. frame_seconds: between two frames of a camera.
    """

    def __init__(self, *, cameras: frozenset[str] | None, dropped: Callable[[Dropped], None]) -> None:
        self._dropped = dropped
        self._predictions: OrderedDict[str, Message] = OrderedDict()
        self._frames: OrderedDict[str, Message] = OrderedDict()
        self._states: dict[str, Message] = {}
        self._events: deque[Message] = deque()
        self._frame_sent_at: dict[str, float] = {}
        self._waiting = asyncio.Event()
        self.frame_seconds = 1 / DEFAULT_FRAMES_PER_SECOND
        self._cameras = cameras

    def watch(self, *, cameras: frozenset[str] | None, frames_per_second: float) -> None:
        """cameras: None for all. frames_per_second: of each camera; 0 for no frames."""
        self._cameras = cameras
        most = min(frames_per_second, MAX_FRAMES_PER_SECOND)
        self.frame_seconds = 1 / most if most > 0 else float("inf")
        self._frame_sent_at.clear()
        for camera in [*self._predictions, *self._frames]:
            if not self.wants(camera):
                self._predictions.pop(camera, None)
                self._frames.pop(camera, None)

    def wants(self, camera: str) -> bool:
        return self._cameras is None or camera in self._cameras

    def offer_prediction(self, camera: str, message: Message) -> None:
        if self.wants(camera):
            self._put(self._predictions, camera, message, Dropped.PREDICTION)

    def wants_frame(self, camera: str, *, now: float) -> bool:
        """Whether a frame of it is due. A little early counts: cameras are not that exact."""
        due = self._frame_sent_at.get(camera, float("-inf")) + 0.9 * self.frame_seconds
        return self.wants(camera) and self.frame_seconds != float("inf") and now >= due

    def offer_frame(self, camera: str, message: Message, *, now: float) -> None:
        if len(self._frame_sent_at) > 4 * MAX_CAMERAS:
            self._frame_sent_at.clear()
        self._frame_sent_at[camera] = now
        self._put(self._frames, camera, message, Dropped.FRAME)

    def offer_event(self, camera: str, message: Message) -> None:
        if not self.wants(camera):
            return
        if len(self._events) >= MAX_EVENTS:
            self._events.popleft()
            self._dropped(Dropped.EVENT)
        self._events.append(message)
        self._waiting.set()

    def offer_state(self, kind: str, message: Message) -> None:
        """The newest of a kind; those before are of no use, so nothing counts as dropped."""
        self._states[kind] = message
        self._waiting.set()

    async def take(self) -> Message:
        """Wait for what is to be sent next."""
        while True:
            if self._events:
                return self._events.popleft()
            if self._states:
                return self._states.pop(next(iter(self._states)))
            if self._predictions:
                return self._predictions.popitem(last=False)[1]
            if self._frames:
                return self._frames.popitem(last=False)[1]
            self._waiting.clear()
            await self._waiting.wait()

    def _put(self, queue: OrderedDict[str, Message], camera: str, message: Message, kind: Dropped) -> None:
        if camera in queue:
            self._dropped(kind)
        elif len(queue) >= MAX_CAMERAS:
            queue.popitem(last=False)
            self._dropped(kind)
        queue[camera] = message  # keeps its turn where it had one
        self._waiting.set()
