"""The square of the image that the landmark model looks at."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np

from imaging.decoding import Pixels
from recognition.features import Floats

# Of MediaPipe's hand landmark graph: the palm's box is moved towards the fingers by half its side and enlarged; that
# of the landmarks by a tenth of its side.
_PALM_SCALE, _PALM_SHIFT = 2.6, 0.5
_HAND_SCALE, _HAND_SHIFT = 2.0, 0.1
# Wrist, thumb without its tip, and the lower two joints of each finger: the landmarks that stay when fingers bend.
_STEADY_LANDMARKS = np.array([0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18])
_WRIST, _INDEX_MCP, _MIDDLE_MCP, _RING_MCP = 0, 5, 9, 13


@dataclass(frozen=True, slots=True)
class Region:
    """A square, turned so that the hand in it points upwards.

    x_px, y_px: its centre. size_px: its side. angle_rad: clockwise turn of its upward direction in the image (y down).
    """

    x_px: float
    y_px: float
    size_px: float
    angle_rad: float

    @classmethod
    def of_palm(cls, box_px: Floats, keypoints_px: Floats, *, upright_rad: float) -> Self:
        """Region of a detected palm.

        box_px: (4,) left, top, right, bottom. keypoints_px: (7, 2); the first is the wrist, the third the knuckle of
        the middle finger. upright_rad: direction from wrist to knuckle that counts as upright, π/2 for upwards.
        """
        wrist, knuckle = keypoints_px[0], keypoints_px[2]
        angle = _wrapped(upright_rad - math.atan2(wrist[1] - knuckle[1], knuckle[0] - wrist[0]))
        width, height = box_px[2] - box_px[0], box_px[3] - box_px[1]
        centre = ((box_px[0] + box_px[2]) / 2, (box_px[1] + box_px[3]) / 2)
        return cls._around(centre, width, height, angle, scale=_PALM_SCALE, shift=_PALM_SHIFT)

    @classmethod
    def of_landmarks(cls, points_px: Floats) -> Self:
        """Region in which to look for a hand again; points_px: (21, 2), where it was last."""
        wrist = points_px[_WRIST]
        # The middle knuckle, steadied by its neighbours.
        knuckle = ((points_px[_INDEX_MCP] + points_px[_RING_MCP]) / 2 + points_px[_MIDDLE_MCP]) / 2
        angle = _wrapped(math.pi / 2 - math.atan2(wrist[1] - knuckle[1], knuckle[0] - wrist[0]))
        steady = points_px[_STEADY_LANDMARKS]
        middle = (steady.min(axis=0) + steady.max(axis=0)) / 2
        cosine, sine = math.cos(angle), math.sin(angle)
        turned = (steady - middle) @ np.array([[cosine, -sine], [sine, cosine]])
        low, high = turned.min(axis=0), turned.max(axis=0)
        x, y = (low + high) / 2
        centre = (middle[0] + x * cosine - y * sine, middle[1] + x * sine + y * cosine)
        width, height = high - low
        return cls._around(centre, width, height, angle, scale=_HAND_SCALE, shift=_HAND_SHIFT)

    @classmethod
    def _around(
        cls, centre: tuple[float, float], width: float, height: float, angle: float, *, scale: float, shift: float
    ) -> Self:
        return cls(
            x_px=float(centre[0] + height * shift * math.sin(angle)),
            y_px=float(centre[1] - height * shift * math.cos(angle)),
            size_px=float(max(width, height) * scale),
            angle_rad=angle,
        )

    @property
    def is_usable(self) -> bool:
        return math.isfinite(self.x_px + self.y_px + self.size_px) and self.size_px >= 1

    def to_image(self, side_px: int) -> Floats:
        """Affine map (2, 3) from points of the crop, `side_px` wide and high, to points of the image."""
        scale = self.size_px / side_px
        cosine, sine = scale * math.cos(self.angle_rad), scale * math.sin(self.angle_rad)
        half = side_px / 2
        return np.array(
            [
                [cosine, -sine, self.x_px - half * (cosine - sine)],
                [sine, cosine, self.y_px - half * (sine + cosine)],
            ]
        )

    def crop(self, pixels: Pixels, to_image: Floats, into: Pixels) -> None:
        """Fill `into` (side, side, 3) with the region; beyond the image its border is repeated."""
        cv2.warpAffine(
            pixels,
            to_image,
            (into.shape[1], into.shape[0]),
            dst=into,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )


def _wrapped(angle_rad: float) -> float:
    return angle_rad - 2 * math.pi * math.floor((angle_rad + math.pi) / (2 * math.pi))
