"""Frames of a video file."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from events.frame import Mode
from imaging.files import PathError, check_regular, name_for_libraries, path_text
from imaging.opencv import cv2
from producers.picture import JpegEncoder
from producers.source import Shot, SourceError

USUAL_RATE_HZ = 25.0
# Containers that do not count their frames estimate them from the duration.
COMPLETE_RATIO = 0.95

logger = logging.getLogger("handstream.producer")


class VideoFile:
    """A Source of every frame of a film, once, at the times that the file gives them.

    rate_hz: at most so many frames of each second of the film; None takes all.
    Raises SourceError for a file that is missing or is no video.
    """

    def __init__(self, path: Path, *, encoder: JpegEncoder, rate_hz: float | None = None) -> None:
        if rate_hz is not None and not 0 < rate_hz < float("inf"):
            raise ValueError(f"rate_hz must be greater than 0, not {rate_hz}")
        self._path = path
        self._encoder = encoder
        self._rate_hz = rate_hz
        self._closed = threading.Event()
        capture = self._open()
        self._frame_count = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        native_hz = capture.get(cv2.CAP_PROP_FPS)
        self._native_hz = native_hz if 0 < native_hz < 1000 else USUAL_RATE_HZ
        capture.release()

    @property
    def mode(self) -> Mode:
        return Mode.RECORDED

    @property
    def total(self) -> int | None:
        """As the file announces it."""
        if not self._frame_count:
            return None
        if self._rate_hz is None or self._rate_hz >= self._native_hz:
            return self._frame_count
        return math.ceil(self._frame_count * self._rate_hz / self._native_hz)

    @property
    def period_seconds(self) -> float:
        return 1 / (self._native_hz if self._rate_hz is None else min(self._rate_hz, self._native_hz))

    def shots(self) -> Iterator[Shot]:
        capture = self._open()
        try:
            read, next_slot, at_seconds = 0, 0, -1 / self._native_hz
            while not self._closed.is_set():
                if not capture.grab():
                    self._check_complete(read)
                    return
                at_seconds = self._time_of(capture, after=at_seconds)
                # Rounding must not push a frame that begins a slot into the slot before.
                slot = read if self._rate_hz is None else math.floor(at_seconds * self._rate_hz + 1e-6)
                read += 1
                if slot < next_slot:
                    continue
                next_slot = slot + 1
                grabbed, picture = capture.retrieve()
                if not grabbed:
                    logger.warning(
                        "a frame cannot be decoded and was left out",
                        extra={"file": path_text(self._path), "frame": read - 1},
                    )
                    continue
                encoded = self._encoder.encode(picture)
                yield Shot(
                    image=encoded.image,
                    width=encoded.width,
                    height=encoded.height,
                    at_seconds=at_seconds,
                    source=path_text(self._path),
                )
        finally:
            capture.release()

    def close(self) -> None:
        self._closed.set()

    def _open(self) -> Any:
        shown = path_text(self._path)
        if self._path.is_dir():
            raise SourceError(f"{shown} is a folder; `handstream produce images` publishes the images in one")
        try:
            check_regular(self._path)
        except PathError as error:
            raise SourceError(str(error)) from error
        with name_for_libraries(self._path) as name:
            capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"{shown} is not a video that FFmpeg can read")
        return capture

    def _time_of(self, capture: Any, *, after: float) -> float:
        """Seconds of the frame just grabbed. Where the file gives no usable time, one frame after the last."""
        seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return seconds if math.isfinite(seconds) and seconds > after else after + 1 / self._native_hz

    def _check_complete(self, read: int) -> None:
        if read < self._frame_count * COMPLETE_RATIO:
            logger.warning(
                "the video ends before its last frame: it may be damaged",
                extra={"file": path_text(self._path), "frames_read": read, "frames_expected": self._frame_count},
            )
