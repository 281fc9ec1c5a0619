"""Other versions of an image in which no hand was found: with a margin, in parts, brightened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from imaging.decoding import ENOUGH_PIXELS_LONG_SIDE, Pixels
from recognition.found_hand import FoundHand

# A hand that fills the picture, or is cut off by its edge, is found when it is smaller and has room around it.
MARGIN = 0.6
# A hand that is far away is found when it is larger: quarters that overlap, so that it lies whole in one of them.
QUARTER = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of a picture, or a picture with a margin.

    left, top: where it begins in the picture. width, height: of the whole picture. All in pixels.
    """

    pixels: Pixels
    left: int
    top: int
    width: int
    height: int

    def back(self, hand: FoundHand) -> FoundHand:
        """The hand where it is in the whole picture; its depth has the scale of x."""
        height, width = self.pixels.shape[:2]
        scale = np.array([width / self.width, height / self.height, width / self.width])
        start = np.array([self.left / self.width, self.top / self.height, 0.0])
        return replace(hand, landmarks=hand.landmarks * scale + start)


# Below this mean brightness, 0..255, an image is dark; brightening gives its bright parts the level of a lit one.
DARK_MEAN = 90.0
_BRIGHT_PERCENTILE, _BRIGHT_LEVEL = 98.0, 230.0
_GAMMA = 0.7
# What brightening amplifies most is the sensor's noise. Of 31 photographs at a twelfth of their light, 23 to 27 show a
# hand where they are smoothed first, 8 where they are not.
_SMOOTHING_SIGMA_PX = 1.5


def brightened(pixels: Pixels) -> Cut | None:
    """The whole image (height, width, 3) uint8 with its shadows lifted; None where it is bright enough."""
    if float(pixels.mean()) >= DARK_MEAN:
        return None
    smooth = cv2.GaussianBlur(pixels, (0, 0), _SMOOTHING_SIGMA_PX)
    white = max(8.0, float(np.percentile(smooth[::4, ::4], _BRIGHT_PERCENTILE)))
    levels = np.clip(np.arange(256) / white, 0.0, 1.0) ** _GAMMA * _BRIGHT_LEVEL
    height, width = pixels.shape[:2]
    lifted = cv2.LUT(smooth, levels.astype(np.uint8))
    return Cut(pixels=np.asarray(lifted, np.uint8), left=0, top=0, width=width, height=height)


def shrunk(pixels: Pixels) -> Pixels:
    """The picture (height, width, 3) at a size that leaves room for a margin: for a side of more than 32,766 pixels
    MediaPipe aborts the process."""
    height, width = pixels.shape[:2]
    scale = ENOUGH_PIXELS_LONG_SIDE / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def with_margin(pixels: Pixels) -> Cut:
    """The whole picture (height, width, 3), its edges drawn out on all sides."""
    height, width = pixels.shape[:2]
    across, down = round(MARGIN * width), round(MARGIN * height)
    wider = cv2.copyMakeBorder(pixels, down, down, across, across, cv2.BORDER_REPLICATE)
    return Cut(pixels=np.asarray(wider, np.uint8), left=-across, top=-down, width=width, height=height)


def quarters(pixels: Pixels) -> Iterator[Cut]:
    """Four parts of the picture (height, width, 3) that overlap."""
    height, width = pixels.shape[:2]
    across, down = max(1, round(QUARTER * width)), max(1, round(QUARTER * height))
    for top in (0, height - down):
        for left in (0, width - across):
            part = np.ascontiguousarray(pixels[top : top + down, left : left + across])
            yield Cut(pixels=part, left=left, top=top, width=width, height=height)
