"""How large an image may be, for producers, workers and the gateway alike."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
# MediaPipe aborts the process for an image whose longer side has 32,767 pixels or more.
MAX_SIDE_PIXELS: Final = 16_384
# At the peak of decoding; with what the process needs besides, a frame then takes less than 200 MB.
MAX_DECODING_BYTES: Final = 165_000_000
# A progressive JPEG of 20 MB can hold half a million scans, and each goes over the whole image.
MAX_SCANNED_PIXELS: Final = 12 * MAX_PIXELS
