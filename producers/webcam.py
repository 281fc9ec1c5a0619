"""A camera of this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from glob import glob
from pathlib import Path
from typing import Any

from imaging.files import path_text
from imaging.opencv import cv2
from producers.capture import Capture, OpenCvCapture
from producers.live_camera import LiveCamera
from producers.picture import JpegEncoder
from producers.source import SourceError


def webcam(
    device: str, *, encoder: JpegEncoder, rate_hz: float | None = None, open_device: Callable[[Any], Any] | None = None
) -> LiveCamera:
    """A Source. device: number, as the system counts its cameras, or path, as in /dev/video0.

    open_device: what cv2.VideoCapture is, for tests.
    """
    number_or_path: int | str = int(device) if device.isascii() and device.isdigit() else device
    opener = open_device or cv2.VideoCapture

    def open_capture() -> Capture:
        # Opening a named pipe would wait for whoever writes into it.
        if isinstance(number_or_path, str) and Path(number_or_path).is_fifo():
            raise SourceError(f"{path_text(device)} is a named pipe, not a camera")
        capture = opener(number_or_path)
        if not capture.isOpened():
            capture.release()
            raise SourceError(_explain(device))
        # Where the driver honours it, what it buffers is one picture old at most.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        return OpenCvCapture(capture)

    return LiveCamera(open_capture, name=f"webcam:{device}", encoder=encoder, rate_hz=rate_hz)


def _explain(device: str) -> str:
    fault = f"camera {device} cannot be opened: it is not there, in use, or not allowed to you"
    if sys.platform != "linux":
        return fault
    return f"{fault} (cameras of this machine: {', '.join(sorted(glob('/dev/video*'))) or 'none'})"
