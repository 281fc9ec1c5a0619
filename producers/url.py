"""A camera on the network: RTSP, or HTTP with a stream of JPEG pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from events.redaction import redact
from imaging.opencv import cv2
from producers.capture import Capture, OpenCvCapture
from producers.live_camera import LiveCamera
from producers.picture import JpegEncoder
from producers.source import SourceError

SCHEMES = ("rtsp", "rtsps", "http", "https")


def network_camera(
    address: str,
    *,
    encoder: JpegEncoder,
    rate_hz: float | None = None,
    timeout_seconds: float = 10.0,
    give_up_seconds: float = 300.0,
) -> LiveCamera:
    """A Source. timeout_seconds: for opening it, and for each picture. Raises SourceError for no such address."""
    name = redact(address)
    scheme, separator, rest = address.partition("://")
    if scheme.lower() not in SCHEMES or not separator or not rest.strip("/"):
        raise SourceError(f"{name!r} is not the address of a camera, which is {'://…, '.join(SCHEMES)}://…")
    return LiveCamera(
        _opener(address, name=name, timeout_seconds=timeout_seconds),
        name=name,
        encoder=encoder,
        rate_hz=rate_hz,
        give_up_seconds=give_up_seconds,
    )


def _opener(address: str, *, name: str, timeout_seconds: float) -> Callable[[], Capture]:
    timeout_ms = round(timeout_seconds * 1000)
    parameters = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, timeout_ms, cv2.CAP_PROP_READ_TIMEOUT_MSEC, timeout_ms]

    def open_capture() -> Capture:
        capture: Any = cv2.VideoCapture(address, cv2.CAP_FFMPEG, parameters)
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                f"camera {name} cannot be opened: it does not answer within {timeout_seconds:g} s, wants other "
                "credentials, or sends no video"
            )
        if capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0:
            capture.release()
            raise SourceError(f"{name} is a file, not a camera: download it and publish it with `produce video`")
        return OpenCvCapture(capture)

    return open_capture
