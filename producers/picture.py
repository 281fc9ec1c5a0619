"""Images as JPEG, as producers publish them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from imaging.decoding import decode
from imaging.formats import JPEG_FORMATS
from imaging.header import open_header
from imaging.opencv import cv2

Picture = npt.NDArray[np.uint8]
"""Decoded: (height, width, 3), blue, green, red."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """JPEG bytes and their size in pixels."""

    image: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JpegEncoder:
    """quality: 1 to 100. max_side_pixels: larger pictures are scaled down to it, their proportions kept."""

    quality: int = 90
    max_side_pixels: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.quality <= 100:
            raise ValueError(f"quality must be 1 to 100, not {self.quality}")
        if self.max_side_pixels is not None and self.max_side_pixels < 1:
            raise ValueError(f"max_side_pixels must be at least 1, not {self.max_side_pixels}")

    def fits(self, *, width: int, height: int) -> bool:
        return self.max_side_pixels is None or max(width, height) <= self.max_side_pixels

    def encode(self, picture: Picture | Any) -> Encoded:
        height, width = picture.shape[:2]
        if not self.fits(width=width, height=height):
            assert self.max_side_pixels is not None
            scale = self.max_side_pixels / max(width, height)
            width, height = max(1, round(width * scale)), max(1, round(height * scale))
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return Encoded(image=bytes(encoded), width=width, height=height)

    def from_file(self, data: bytes) -> Encoded:
        """An image file as JPEG: as it is where it is one and fits, else decoded as workers do it, and encoded.

        Raises RecordError, which says what is wrong with the file.
        """
        with open_header(data, trusted=True) as header:
            width, height = header.size
            is_jpeg = header.format in JPEG_FORMATS
        if is_jpeg and self.fits(width=width, height=height):
            return Encoded(image=data, width=width, height=height)
        return self.encode(cv2.cvtColor(decode(data, max_reduction=1, trusted=True), cv2.COLOR_RGB2BGR))
