"""Rendered pictures as JPEG."""

from __future__ import annotations

import cv2

from producers.synthetic.scene import Picture

MINIMUM_PIXELS = 64
MAXIMUM_PIXELS = 4096


def check_format(*, seed: int, width: int, height: int, quality: int) -> None:
    """Raises ValueError for what cannot be rendered."""
    if seed < 0:
        raise ValueError(f"seed must be 0 or more, not {seed}")
    for name, pixels in (("width", width), ("height", height)):
        if not MINIMUM_PIXELS <= pixels <= MAXIMUM_PIXELS:
            raise ValueError(f"{name} must be {MINIMUM_PIXELS} to {MAXIMUM_PIXELS} pixels, not {pixels}")
    if not 1 <= quality <= 100:
        raise ValueError(f"quality must be 1 to 100, not {quality}")


def encode(picture: Picture, *, quality: int) -> bytes:
    """JPEG bytes of (height, width, 3), blue, green, red."""
    _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(encoded)
