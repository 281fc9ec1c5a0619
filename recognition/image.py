"""Decoding pictures that anybody may have sent: limits first, pixels afterwards."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from events.limits import MAX_PIXELS, MAX_SIDE_PIXELS
from events.reason import Reason, RecordError
from recognition.decode_cost import check_cost

MAX_BYTES = 20 * 1024 * 1024
# OpenCV reads its limit when it is imported; ours is checked before, so this one only backs it up.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))

import cv2  # noqa: E402

Pixels = NDArray[np.uint8]
Grey = NDArray[np.uint8]

# A phone's JPEG with a second picture behind the first is an MPO to Pillow.
_JPEG_FORMATS = ("JPEG", "MPO")
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
CONTENT_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/bmp", "image/gif"})

# The landmark model looks at 224 x 224 pixels of a hand: of a larger picture, less has to be decoded.
ENOUGH_PIXELS_LONG_SIDE = 1280
# OpenCV's flags for a scaled decode; the RGB flag may not be joined with the colour flag, which 1 would be.
_REDUCED = {
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    1: 0,
}
# Rows of a large picture that are converted at once; a multiple of each divisor.
_BAND_ROWS = 128

warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def image_size(image: bytes) -> tuple[int, int]:
    """Width and height in pixels, from the header alone. Raises RecordError for no picture and for a broken limit."""
    with _opened(image) as header:
        return header.size


def check_limits(image: bytes) -> None:
    """Raise RecordError for no image and for a broken limit, without decoding anything."""
    with _opened(image) as header:
        check_cost(image, header)


def decode(image: bytes) -> Pixels:
    """RGB pixels (height, width, 3) uint8, upright as EXIF says. Raises RecordError where the image is at fault.

    A picture much larger than needed comes at a half, a quarter or an eighth of its size.
    """
    with _opened(image) as header:
        check_cost(image, header)
        if header.format not in _JPEG_FORMATS:
            return _decode_other(header)
        return _decode_jpeg(image, long_side=max(header.size))


def thumbnail(image: bytes, *, long_side: int) -> Grey | None:
    """Grey pixels (height, width) uint8 of a JPEG, its longer side at most so many pixels, as the file has them stored.

    None for other formats, and where the content cannot be decoded. Raises RecordError where the image breaks a limit.
    """
    with _opened(image) as header:
        check_cost(image, header)
        if header.format not in _JPEG_FORMATS:
            return None
        divisor = next(divisor for divisor in _REDUCED if divisor == 1 or max(header.size) >= divisor * long_side)
    try:
        pixels = cv2.imdecode(np.frombuffer(image, np.uint8), _REDUCED[divisor] | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:
        return None
    if pixels is None:
        return None
    height, width = pixels.shape
    scale = long_side / max(height, width)
    if scale < 1:
        size = max(1, round(width * scale)), max(1, round(height * scale))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, dtype=np.uint8)


def _opened(image: bytes) -> Image.Image:
    if not image:
        raise RecordError(Reason.EMPTY_IMAGE, "the image has no bytes")
    if len(image) > MAX_BYTES:
        raise RecordError(Reason.TOO_MANY_BYTES, f"the image has {len(image)} bytes, {MAX_BYTES} are allowed")
    try:
        header = Image.open(io.BytesIO(image), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise RecordError(Reason.TOO_MANY_PIXELS, f"more than {MAX_PIXELS} pixels: {error}") from error
    except Exception as error:
        _raise_if_ours(error)
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


def _raise_if_ours(error: Exception) -> None:
    # Content that does not hold together makes Pillow raise nearly anything. Where memory is short, the fault is ours.
    if isinstance(error, MemoryError):
        raise error


def _decode_jpeg(image: bytes, *, long_side: int) -> Pixels:
    # OpenCV takes half the time that Pillow takes, and nearly every frame is a JPEG.
    flags = cv2.IMREAD_COLOR_RGB | _REDUCED[_divisor(long_side)]
    try:
        pixels = cv2.imdecode(np.frombuffer(image, np.uint8), flags)
    except cv2.error as error:
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error.err or error}") from error
    if pixels is None:
        raise RecordError(Reason.NOT_AN_IMAGE, "the image cannot be decoded: its content does not match its header")
    return np.asarray(pixels, dtype=np.uint8)


def _decode_other(whole: Image.Image) -> Pixels:
    # OpenCV believes the lengths that a PNG claims: 230 bytes can make it take 2 GB. Pillow reads what is there.
    try:
        whole.load()
        pixels = _in_rgb(whole, divisor=_divisor(max(whole.size)))
    except Exception as error:
        _raise_if_ours(error)
        raise RecordError(Reason.NOT_AN_IMAGE, f"the image cannot be decoded: {error}") from error
    turn = _UPRIGHT.get(_orientation(whole))
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _in_rgb(whole: Image.Image, *, divisor: int) -> Pixels:
    """Band by band: each conversion of the whole would be another copy of it."""
    width, height = whole.size
    pixels = np.empty((-(-height // divisor), -(-width // divisor), 3), np.uint8)
    for top in range(0, height, _BAND_ROWS):
        band = _in_8_bits(whole.crop((0, top, width, min(height, top + _BAND_ROWS)))).convert("RGB")
        rows = np.asarray(band.reduce(divisor) if divisor > 1 else band)
        pixels[top // divisor : top // divisor + len(rows)] = rows
    return pixels


def _in_8_bits(band: Image.Image) -> Image.Image:
    # Pillow would cut 16 bits of grey off at 255, and nearly all of it would be white.
    if not band.mode.startswith("I"):
        return band
    return Image.fromarray((np.asarray(band) >> 8).clip(0, 255).astype(np.uint8))


def _orientation(whole: Image.Image) -> object:
    # Pixels that are whole are worth more than a word about them that is not.
    try:
        return whole.getexif().get(_EXIF_ORIENTATION)
    except Exception as error:
        _raise_if_ours(error)
        return None


def _divisor(long_side: int) -> int:
    return next(divisor for divisor in _REDUCED if divisor == 1 or long_side >= divisor * ENOUGH_PIXELS_LONG_SIDE)


def _turned(quarters: int, *, mirrored: bool) -> Callable[[Pixels], Pixels]:
    """quarters: of a turn to the left."""
    return lambda pixels: np.rot90(pixels[:, ::-1] if mirrored else pixels, quarters)


_EXIF_ORIENTATION = 0x0112
_UPRIGHT: dict[object, Callable[[Pixels], Pixels]] = {
    2: _turned(0, mirrored=True),
    3: _turned(2, mirrored=False),
    4: _turned(2, mirrored=True),
    5: _turned(1, mirrored=True),
    6: _turned(3, mirrored=False),
    7: _turned(3, mirrored=True),
    8: _turned(1, mirrored=False),
}
