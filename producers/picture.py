"""Pictures as JPEG: what their header says, and making them."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from events.limits import MAX_PIXELS, MAX_SIDE_PIXELS
from producers.opencv import cv2

Picture = npt.NDArray[np.uint8]
"""Decoded: (height, width, 3), blue, green, red."""

_START_OF_IMAGE = b"\xff\xd8"
# ITU-T T.81, table B.1: start of frame, in all its kinds; C4, C8 and CC are other segments between them.
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_ENTROPY_CODED = frozenset({0xD9, 0xDA})

_OTHER_FORMATS = ("PNG", "WEBP", "BMP")
# What Pillow raises for content that does not hold together.
_DECODE_ERRORS = (OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, struct.error)
_NO_PICTURE = "is not a picture, or is damaged"

# Ours is a lower limit, and an error.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """JPEG bytes and their size in pixels."""

    image: bytes
    width: int
    height: int


def is_jpeg(data: bytes) -> bool:
    return data.startswith(_START_OF_IMAGE)


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels out of the header, without decoding. Raises ValueError for what is no JPEG.

    Source: ITU-T T.81, annex B.
    """
    if not is_jpeg(data):
        raise ValueError(f"begins with {data[:4]!r}, not as a JPEG does" if data else "is empty")
    position = len(_START_OF_IMAGE)
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xFF:  # any number of fill bytes may stand before a marker
            position += 1
        elif marker in _WITHOUT_LENGTH:
            position += 2
        elif marker in _ENTROPY_CODED:
            break
        elif marker in _START_OF_FRAME:
            height = int.from_bytes(data[position + 5 : position + 7])
            width = int.from_bytes(data[position + 7 : position + 9])
            if not width or not height:
                break
            return width, height
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4])
    raise ValueError("is damaged: its JPEG header names no size")


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
        """A picture file as JPEG: as it is where it is one and fits, else made anew.

        Raises ValueError, which says what is wrong with the file.
        """
        if is_jpeg(data):
            width, height = jpeg_size(data)
            _check_size(width, height)
            if self.fits(width=width, height=height):
                return Encoded(image=data, width=width, height=height)
            return self.encode(_decode_jpeg(data))
        if not data:
            raise ValueError("is empty")
        return self.encode(_decode_other(data))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise ValueError(f"has {width} by {height} pixels, {MAX_PIXELS} are allowed")
    if max(width, height) > MAX_SIDE_PIXELS:
        raise ValueError(f"has {width} by {height} pixels, {MAX_SIDE_PIXELS} are allowed on a side")


def _decode_jpeg(data: bytes) -> Picture | Any:
    try:
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ValueError(_NO_PICTURE) from error
    if picture is None:
        raise ValueError(_NO_PICTURE)
    return picture


def _decode_other(data: bytes) -> Picture:
    # OpenCV believes the lengths that a PNG claims: 230 bytes can make it take 2 GB. Pillow reads what is there.
    try:
        header = Image.open(io.BytesIO(data), formats=_OTHER_FORMATS)
    except Image.DecompressionBombError as error:
        raise ValueError(f"has more than {MAX_PIXELS} pixels") from error
    except _DECODE_ERRORS as error:
        raise ValueError(_NO_PICTURE) from error
    _check_size(*header.size)
    try:
        upright = ImageOps.exif_transpose(header)
        return np.ascontiguousarray(np.asarray(upright.convert("RGB"), dtype=np.uint8)[..., ::-1])
    except _DECODE_ERRORS as error:
        raise ValueError(_NO_PICTURE) from error
