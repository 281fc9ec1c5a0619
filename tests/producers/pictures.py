"""Small pictures for tests."""

from __future__ import annotations

import cv2
import numpy as np

from producers.picture import Picture


def picture(*, width: int = 32, height: int = 24, shade: int = 128) -> Picture:
    return np.full((height, width, 3), shade, dtype=np.uint8)


def jpeg(*, width: int = 32, height: int = 24, shade: int = 128) -> bytes:
    return encoded(".jpg", width=width, height=height, shade=shade)


def encoded(suffix: str, *, width: int = 32, height: int = 24, shade: int = 128) -> bytes:
    return bytes(cv2.imencode(suffix, picture(width=width, height=height, shade=shade))[1])


def shade_of(image: bytes) -> int:
    """The shade that a picture was made with, as far as JPEG kept it."""
    decoded = cv2.imdecode(np.frombuffer(image, dtype=np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return round(float(decoded.mean()))
