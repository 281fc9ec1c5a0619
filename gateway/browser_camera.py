"""A browser that is a camera: what it may send, and what becomes of it."""

from __future__ import annotations

import re
import secrets
import uuid
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from events.frame import JPEG, Frame, Mode
from events.reason import RecordError
from imaging.header import image_size

PREFIX = "browser-"
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
MAX_NAME_CHARACTERS = 32
_JPEG_MAGIC = b"\xff\xd8\xff"
# Frames that the worker has not answered; more would only wait behind each other.
MAX_UNANSWERED = 6
# After so long, an unanswered frame is taken for lost.
LOST_SECONDS = 2.0
# Frames may come in small bunches, as networks deliver them, without being too many.
BURST_FRAMES = 3.0
# No clock is exact.
TOLERANCE = 1.1


class Drop(StrEnum):
    """Why a browser's frame goes nowhere; each is a label of a metric."""

    RATE = "rate"
    SIZE = "size"
    IMAGE = "image"
    BACKLOG = "backlog"
    BROKER = "broker"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLimits:
    """Of one browser: frames a second, bytes of a frame, pixels on its longer side."""

    max_fps: int
    max_bytes: int
    max_side: int


def camera_name(wanted: str, *, taken: Callable[[str], bool]) -> str:
    """`browser-NAME-RANDOM`: no producer's camera is called so, and what follows the name is ours to choose."""
    name = _NOT_IN_NAMES.sub("-", wanted.lower()).strip("-")[:MAX_NAME_CHARACTERS].strip("-") or "camera"
    while True:
        found = f"{PREFIX}{name}-{secrets.token_hex(3)}"
        if not taken(found):
            return found


class BrowserCamera:
    """Checks the frames of one browser and knows which are under way.

    Sequences towards Kafka are counted here, from 0: those of the browser need not even rise.
    """

    def __init__(self, camera: str, *, limits: CameraLimits) -> None:
        self.camera = camera
        self.run = uuid.uuid4().hex[:8]
        self.source = f"browser:{camera}"
        self.published = 0
        self._limits = limits
        self._next = 0
        self._allowance = BURST_FRAMES
        self._allowed_at: float | None = None
        self._unanswered: OrderedDict[int, tuple[int, float]] = OrderedDict()

    def accept(self, image: bytes, *, sequence: int, at: datetime, now: float) -> Frame | Drop:
        """The frame to publish, or why it is dropped. sequence: as the browser counts. now: by time.monotonic()."""
        self._forget_lost(now)
        if not self._within_rate(now):
            return Drop.RATE
        if len(self._unanswered) >= MAX_UNANSWERED:
            return Drop.BACKLOG
        size = self._size(image)
        if isinstance(size, Drop):
            return size
        width, height = size
        frame = Frame(
            image=image,
            camera=self.camera,
            run=self.run,
            sequence=self._next,
            captured_at=at,
            source=self.source,
            width=width,
            height=height,
            mode=Mode.LIVE,
            content_type=JPEG,
        )
        self._unanswered[self._next] = (sequence, now)
        self._next += 1
        return frame

    def answered(self, *, run: str, sequence: int) -> int | None:
        """The browser's number of a frame that has its outcome; None for one that is not under way."""
        if run != self.run:
            return None
        found = self._unanswered.pop(sequence, None)
        return None if found is None else found[0]

    def _size(self, image: bytes) -> tuple[int, int] | Drop:
        """Width and height as the header says them; the worker decodes the rest."""
        if len(image) > self._limits.max_bytes:
            return Drop.SIZE
        try:
            # Other formats than this one could be far larger within.
            size = image_size(image) if image.startswith(_JPEG_MAGIC) else None
        except RecordError:
            size = None
        if size is None:
            return Drop.IMAGE
        return size if max(size) <= self._limits.max_side else Drop.SIZE

    def _within_rate(self, now: float) -> bool:
        if self._allowed_at is not None:
            self._allowance += (now - self._allowed_at) * self._limits.max_fps * TOLERANCE
        self._allowed_at = now
        self._allowance = min(self._allowance, BURST_FRAMES)
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _forget_lost(self, now: float) -> None:
        while self._unanswered:
            first, (_, sent_at) = next(iter(self._unanswered.items()))
            if now - sent_at <= LOST_SECONDS:
                return
            del self._unanswered[first]
