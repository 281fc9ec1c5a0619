"""Decoding pictures that anybody may have sent: limits first, pixels afterwards."""

from __future__ import annotations

import io
import os
import struct
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from events.limits import MAX_PIXELS, MAX_SIDE_PIXELS
from events.reason import Reason, RecordError

MAX_BYTES = 20 * 1024 * 1024
# OpenCV reads its limit when it is imported; ours is checked before, so this one only backs it up.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

import cv2  # noqa: E402

Pixels = NDArray[np.uint8]

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif"})

# The landmark model looks at 224 x 224 pixels of a hand: of a larger picture, less has to be decoded.
ENOUGH_PIXELS_LONG_SIDE = 1280
# OpenCV's flags for a scaled decode; the RGB flag may not be joined with the colour flag, which 1 would be.
_REDUCED = {8: cv2.IMREAD_REDUCED_GRAYSCALE_8, 4: cv2.IMREAD_REDUCED_GRAYSCALE_4, 2: cv2.IMREAD_REDUCED_GRAYSCALE_2}

# What Pillow raises for content that does not hold together; the first is a kind of OSError.
_DECODE_ERRORS = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    IndexError,
    struct.error,
)

warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def image_size(image: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header alone. Raises RecordError for no picture and for a broken limit."""
    with _opened(image) as header:
        return header.size


def decode(image: bytes) -> Pixels:
    """RGB pixels (height, width, 3) uint8, upright as EXIF says. Raises RecordError where the image is at fault.

    A JPEG much larger than needed is decoded at a half, a quarter or an eighth of its size.
    """
    with _opened(image) as header:
        if header.format != "JPEG":
            return _decode_other(header)
        return _decode_jpeg(image, long_side=max(header.size))


def _opened(image: bytes) -> Image.Image:
    if not image:
        raise RecordError(Reason.EMPTY_IMAGE, "the image has no bytes")
    if len(image) > MAX_BYTES:
        raise RecordError(Reason.TOO_MANY_BYTES, f"the image has {len(image)} bytes, {MAX_BYTES} are allowed")
    try:
        header = Image.open(io.BytesIO(image), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise RecordError(Reason.TOO_MANY_PIXELS, f"more than {MAX_PIXELS} pixels: {error}") from error
    except _DECODE_ERRORS as error:
        raise RecordError(
            Reason.NOT_AN_IMAGE, f"not one of {', '.join(FORMATS)}; it begins with {image[:8].hex()}"
        ) from error
    width, height = header.size
    if width * height > MAX_PIXELS:
        raise RecordError(Reason.TOO_MANY_PIXELS, f"the image has {width} x {height} pixels, {MAX_PIXELS} are allowed")
    if max(width, height) > MAX_SIDE_PIXELS:
        raise RecordError(
            Reason.TOO_MANY_PIXELS, f"the image has {width} x {height} pixels, {MAX_SIDE_PIXELS} are allowed on a side"
        )
    return header


def _decode_jpeg(image: bytes, *, long_side: int) -> Pixels:
    # OpenCV takes half the time that Pillow takes, and nearly every frame is a JPEG.
    flags = cv2.IMREAD_COLOR_RGB
    for divisor, flag in _REDUCED.items():
        if long_side >= divisor * ENOUGH_PIXELS_LONG_SIDE:
            flags |= flag
            break
    try:
        pixels = cv2.imdecode(np.frombuffer(image, np.uint8), flags)
    except cv2.error as error:
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error.err or error}") from error
    if pixels is None:
        raise RecordError(Reason.NOT_AN_IMAGE, "the image cannot be decoded: its content does not match its header")
    return np.asarray(pixels, dtype=np.uint8)


def _decode_other(header: Image.Image) -> Pixels:
    # OpenCV believes the lengths that a PNG claims: 230 bytes can make it take 2 GB. Pillow reads what is there.
    try:
        upright = ImageOps.exif_transpose(header)
        return np.array(upright.convert("RGB"), dtype=np.uint8)
    except _DECODE_ERRORS as error:
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error}") from error
