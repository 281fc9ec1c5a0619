"""The edge where a camera's pictures come from."""

from __future__ import annotations

from typing import Any, Protocol

from producers.picture import Picture


class Capture(Protocol):
    """An open camera."""

    def read(self) -> Picture | None:
        """Wait for the next picture; None when the camera is lost."""

    def release(self) -> None:
        """Free the device or the connection."""


class OpenCvCapture:
    """A Capture of an open cv2.VideoCapture."""

    def __init__(self, capture: Any) -> None:
        self._capture = capture

    def read(self) -> Picture | None:
        taken, picture = self._capture.read()
        return picture if taken else None

    def release(self) -> None:
        self._capture.release()
