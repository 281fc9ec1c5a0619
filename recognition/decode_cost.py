"""What decoding a picture would take, told from its header before it is begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from events.limits import MAX_PIXELS
from events.reason import Reason, RecordError

# At the peak; with what the process needs besides, a frame then takes less than 200 MB.
MAX_DECODING_BYTES = 165_000_000
# A progressive JPEG of 20 MB can hold half a million scans, and each goes over the whole picture.
MAX_SCANNED_PIXELS = 12 * MAX_PIXELS

# Measured. Pillow keeps a pixel in 4 bytes; its WebP decoder keeps the canvas four times over.
_BYTES_PER_PIXEL = {"WEBP": 18}
_BYTES_PER_OTHER_PIXEL = 4
_BYTES_PER_COEFFICIENT = 2

_START_OF_SCAN = b"\xff\xda"


def check_cost(image: bytes, header: Image.Image) -> None:
    """Raise RecordError for a picture within the limits of size that would still take too much memory or time."""
    width, height = header.size
    if header.format in ("JPEG", "MPO"):
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


def _coefficient_bytes(header: Any) -> int:
    """A JPEG of several scans keeps the coefficients of all its components until the last scan is read."""
    width, height = map(int, header.size)
    layers: Sequence[tuple[Any, int, int, Any]] = getattr(header, "layer", ())
    # A component that claims to be sampled 0 times makes the picture undecodable; that is the decoder's to say.
    sampling = [max(1, across) * max(1, down) for _, across, down, _ in layers] or [1]
    widest = max(max(1, across) for _, across, _, _ in layers) if layers else 1
    tallest = max(max(1, down) for _, _, down, _ in layers) if layers else 1
    return width * height * sum(sampling) * _BYTES_PER_COEFFICIENT // (widest * tallest)
