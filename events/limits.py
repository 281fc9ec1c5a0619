"""How large a picture may be, for producers and workers alike."""

from __future__ import annotations

from typing import Final

MAX_PIXELS: Final = 40_000_000
# MediaPipe aborts the process for a picture whose longer side has 32,767 pixels or more.
MAX_SIDE_PIXELS: Final = 16_384
