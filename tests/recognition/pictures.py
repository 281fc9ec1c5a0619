"""Pictures for the tests of this room."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image

from imaging.decoding import Pixels


def encoded(kind: str, *, size: tuple[int, int] = (64, 48), mode: str = "RGB", orientation: int | None = None) -> bytes:
    """A picture whose left half is red and whose right half is blue, before its EXIF orientation is applied."""
    width, height = size
    picture = Image.new("RGB", size, (220, 20, 30))
    picture.paste((20, 30, 220), (width // 2, 0, width, height))
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    buffer = io.BytesIO()
    picture.convert(mode).save(buffer, kind, **({"exif": exif} if orientation is not None else {}))
    return buffer.getvalue()


def jpeg(pixels: Pixels, *, noise: float = 4.0, seed: int = 0, quality: int = 80) -> bytes:
    """Grey or colour pixels (height, width, 3) with grain. noise: its standard deviation, of 255."""
    grain = np.random.default_rng(seed).normal(0, noise, pixels.shape)
    noisy = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
