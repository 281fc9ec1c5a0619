"""What an image's header says: its format, its size, which way up it is, and what decoding it would take."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

from PIL import Image

from events.reason import Reason, RecordError
from imaging import limits
from imaging.formats import FORMATS, JPEG_FORMATS
from imaging.limits import MAX_DECODING_BYTES, MAX_PIXELS, MAX_SCANNED_PIXELS, MAX_SIDE_PIXELS

# Measured. Pillow keeps a pixel in 4 bytes; its WebP decoder keeps the canvas four times over.
_BYTES_PER_PIXEL = {"WEBP": 18}
_BYTES_PER_OTHER_PIXEL = 4
_BYTES_PER_COEFFICIENT = 2
_START_OF_SCAN = b"\xff\xda"
_EXIF_ORIENTATION = 0x0112

# Ours is a lower limit, and an error.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def image_size(image: bytes) -> tuple[int, int]:
    """Width and height in pixels, as stored. Raises RecordError for no image and for a broken limit of size."""
    with open_header(image) as header:
        return header.size


def check_limits(image: bytes) -> None:
    """Raise RecordError for no image and for a broken limit, without decoding anything."""
    with open_header(image) as header:
        check_cost(image, header)


def open_header(image: bytes, *, trusted: bool = False) -> Image.Image:
    """The image with its header read and its size checked. Raises RecordError.

    trusted: a file of the user's own, which may have any number of bytes.
    """
    if not image:
        raise RecordError(Reason.EMPTY_IMAGE, "the image has no bytes")
    if len(image) > limits.MAX_BYTES and not trusted:
        raise RecordError(Reason.TOO_MANY_BYTES, f"the image has {len(image)} bytes, {limits.MAX_BYTES} are allowed")
    try:
        header = Image.open(io.BytesIO(image), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise RecordError(Reason.TOO_MANY_PIXELS, f"more than {MAX_PIXELS} pixels: {error}") from error
    except Exception as error:
        raise_if_ours(error)
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


def check_cost(image: bytes, header: Image.Image) -> None:
    """Raise RecordError for an image within the limits of size that would still take too much memory or time."""
    width, height = header.size
    if header.format in JPEG_FORMATS:
        scans = image.count(_START_OF_SCAN)
        if scans * width * height > MAX_SCANNED_PIXELS:
            raise RecordError(
                Reason.TOO_MANY_PIXELS,
                f"the JPEG has {scans} scans of {width} x {height} pixels, "
                f"{MAX_SCANNED_PIXELS} pixels are allowed in all",
            )
        # A JPEG of a single scan is decoded row by row, at a reduced scale where it is large.
        needed = _coefficient_bytes(header) if scans > 1 else 0
    else:
        needed = width * height * _BYTES_PER_PIXEL.get(str(header.format), _BYTES_PER_OTHER_PIXEL)
    if needed > MAX_DECODING_BYTES:
        raise RecordError(
            Reason.TOO_MANY_PIXELS,
            f"decoding this {header.format} of {width} x {height} pixels would take {needed // 1_000_000} MB, "
            f"{MAX_DECODING_BYTES // 1_000_000} MB are allowed: send it smaller, or as a baseline JPEG",
        )


def orientation(header: Image.Image) -> int:
    """EXIF's orientation, 1 to 8; 1, upright, where it is not said or not readable."""
    # Reading it takes as long as the rest of the header, and most frames of cameras have none.
    if header.format in JPEG_FORMATS and "exif" not in header.info:
        return 1
    # Pixels that are whole are worth more than a word about them that is not.
    try:
        found = header.getexif().get(_EXIF_ORIENTATION)
    except Exception as error:
        raise_if_ours(error)
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def raise_if_ours(error: Exception) -> None:
    """Content that is damaged makes Pillow raise nearly anything. Where memory is short, the fault is ours."""
    if isinstance(error, MemoryError):
        raise error


def _coefficient_bytes(header: Any) -> int:
    """A JPEG of several scans keeps the coefficients of all its components until the last scan is read."""
    width, height = map(int, header.size)
    layers: Sequence[tuple[Any, int, int, Any]] = getattr(header, "layer", ())
    # A component that claims to be sampled 0 times makes the image undecodable; that is the decoder's to say.
    sampling = [max(1, across) * max(1, down) for _, across, down, _ in layers] or [1]
    widest = max(max(1, across) for _, across, _, _ in layers) if layers else 1
    tallest = max(max(1, down) for _, _, down, _ in layers) if layers else 1
    return width * height * sum(sampling) * _BYTES_PER_COEFFICIENT // (widest * tallest)
