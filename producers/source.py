"""The edge where frames come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from events.frame import Mode, Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One encoded picture as a source took it, before it becomes a frame of some camera.

    image: JPEG bytes (or the untouched bytes of a still image file).
    width, height: pixels.
    at_seconds: when it was taken, in seconds since the source's first one at its original pace. Never decreases.
    captured_at: the real moment of capture (aware, UTC) where the source knows it; None lets the producer's clock say.
    source: the file or the redacted address of the camera.
    key: partition key where the picture stands for itself (a still image's file); None means the camera's id.
    label: ground truth that travels with the frame.
    camera, mode, origin: of a picture that was a frame before; else the producer says whose it is, the source its mode.
    """

    image: bytes
    width: int
    height: int
    at_seconds: float
    source: str
    captured_at: datetime | None = None
    key: str | None = None
    label: str | None = None
    content_type: str = "image/jpeg"
    camera: str | None = None
    mode: Mode | None = None
    origin: Origin | None = None


class Source(Protocol):
    """Gives shots in order. Closing it frees its device, file or connection."""

    @property
    def mode(self) -> Mode:
        """How the pictures relate to each other, which decides how they are paced, dropped and processed."""

    @property
    def total(self) -> int | None:
        """How many shots there will be, where that is known."""

    def shots(self) -> Iterator[Shot]:
        """Yield the shots until the source ends. Raises SourceError when it cannot be opened or is lost for good."""

    def close(self) -> None:
        """Free what it holds. May be called more than once, and from another thread to end `shots()`."""


@runtime_checkable
class FiniteSource(Source, Protocol):
    """A Source that ends, and whose `shots()` begin again when they are asked for again."""

    @property
    def period_seconds(self) -> float:
        """Time from one shot to the next at the original pace."""


class SourceError(Exception):
    """The source cannot be used: the message is one clear line for the user, with credentials redacted."""
