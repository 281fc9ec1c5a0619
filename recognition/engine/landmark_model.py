"""From a region of the image to the landmarks of the hand in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from events.prediction import LANDMARK_COUNT, Handedness
from imaging.decoding import Pixels
from recognition.engine.network import Network
from recognition.engine.region import Region
from recognition.features import Floats
from recognition.found_hand import FoundHand

MODEL = "hand_landmarks_detector.tflite"
# Depths are learned in a scale of their own (MediaPipe's landmark graph: normalize_z).
_DEPTH_SCALE = 0.4
_WRIST, _INDEX_MCP, _MIDDLE_MCP, _PINKY_MCP = 0, 5, 9, 17


@dataclass(frozen=True, slots=True, kw_only=True)
class HandReading:
    """What the landmark model sees in one region.

    points_px: (21, 2), pixels of the image. depths_px: (21,), from the wrist, in the scale of x.
    world: (21, 3), metres, from the middle of the hand. presence: 0..1. right: 0..1, that it is a right hand.
    """

    points_px: Floats
    depths_px: Floats
    world: Floats
    presence: float
    right: float

    @property
    def next_region(self) -> Region:
        return Region.of_landmarks(self.points_px)

    @property
    def palm_px(self) -> float:
        """Length of the palm: from the wrist to the knuckle of the middle finger."""
        return float(np.hypot(*(self.points_px[_MIDDLE_MCP] - self.points_px[_WRIST])))

    @property
    def size_px(self) -> float:
        """Longer side of the box around all points."""
        return float(np.ptp(self.points_px, axis=0).max())

    def distance_px(self, other: HandReading) -> float:
        """Mean distance of the points of two readings."""
        return float(np.hypot(*(self.points_px - other.points_px).T).mean())

    def found(self, *, width: int, height: int, detection_score: float = 1.0, track_id: int | None = None) -> FoundHand:
        """As a hand in an image of this size in pixels."""
        return FoundHand(
            handedness=Handedness.RIGHT if self.right >= 0.5 else Handedness.LEFT,
            score=max(self.right, 1 - self.right),
            landmarks=np.column_stack([self.points_px / (width, height), self.depths_px / width]),
            presence=self.presence,
            world_landmarks=self.world,
            detection_score=detection_score,
            track_id=track_id,
        )


class LandmarkModel:
    """Source: as of PalmDetector; projections as MediaPipe's hand landmark graph does them."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def read(self, pixels: Pixels, region: Region) -> HandReading | None:
        """The hand in a region of an RGB image (height, width, 3) uint8, whatever its presence; None where the region
        is no region."""
        if not region.is_usable:
            return None
        side = self._network.side_px
        to_image = region.to_image(side)
        region.crop(pixels, to_image, self._network.input)
        points, presence, right, world = self._network.run()
        crop_points = points.reshape(LANDMARK_COUNT, 3).astype(np.float64)
        cosine, sine = math.cos(region.angle_rad), math.sin(region.angle_rad)
        turn = np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        return HandReading(
            points_px=crop_points[:, :2] @ to_image[:, :2].T + to_image[:, 2],
            depths_px=crop_points[:, 2] * (region.size_px / side / _DEPTH_SCALE),
            world=world.reshape(LANDMARK_COUNT, 3).astype(np.float64) @ turn,
            presence=float(presence[0, 0]),
            right=float(right[0, 0]),
        )
