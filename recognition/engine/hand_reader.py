"""From an image to hands: palms first, then the landmarks of each."""

from __future__ import annotations

import math
from dataclasses import dataclass

from imaging.decoding import Pixels
from recognition.engine.landmark_model import HandReading, LandmarkModel
from recognition.engine.options import EngineOptions, Refine
from recognition.engine.palm_detector import Palm, PalmDetector
from recognition.engine.region import Region

# A detected palm's region is off when the landmarks in it ask for one that is turned, moved or resized by more than
# this. Chosen on labelled photographs, see docs/engine.md.
_OFF_TURN_RAD = math.radians(10)
_OFF_MOVE = 0.08  # of the region's side
_OFF_SCALE = 1.15
_DOUBTFUL_PRESENCE = 0.9
# Two readings are of one hand when their points are nearer than this, in palm lengths.
_SAME_HAND_PALMS = 0.5


@dataclass(frozen=True, slots=True)
class HandReader:
    """The two models together; reads what it is shown and keeps nothing."""

    detector: PalmDetector
    landmarks: LandmarkModel
    options: EngineOptions

    def palms(self, pixels: Pixels, *, confidence: float) -> list[Palm]:
        """Palms in an RGB image (height, width, 3) uint8, surest first. confidence: least score, 0..1."""
        return self.detector.find(pixels, confidence=confidence)

    def of_region(self, pixels: Pixels, region: Region, *, presence: float) -> HandReading | None:
        """The hand in a region; None where its presence (0..1) is less."""
        reading = self.landmarks.read(pixels, region)
        return reading if reading is not None and reading.presence >= presence else None

    def of_palm(self, pixels: Pixels, palm: Palm, *, presence: float) -> HandReading | None:
        """The hand of a detected palm; None where its presence (0..1) is less."""
        region = Region.of_palm(palm.box_px, palm.keypoints_px, upright_rad=self.options.upright_rad)
        first = self.of_region(pixels, region, presence=presence)
        if first is None or self.options.refine is Refine.NEVER:
            return first
        better = first.next_region
        is_good = first.presence >= _DOUBTFUL_PRESENCE and not _is_off(region, better)
        if is_good and self.options.refine is Refine.OFF:
            return first
        return self.of_region(pixels, better, presence=presence) or first


def is_same_hand(one: HandReading, other: HandReading) -> bool:
    return one.distance_px(other) < _SAME_HAND_PALMS * max(one.palm_px, other.palm_px)


def _is_off(region: Region, better: Region) -> bool:
    turn = abs(math.remainder(region.angle_rad - better.angle_rad, 2 * math.pi))
    move = math.hypot(region.x_px - better.x_px, region.y_px - better.y_px) / better.size_px
    scale = max(region.size_px, better.size_px) / min(region.size_px, better.size_px)
    return turn > _OFF_TURN_RAD or move > _OFF_MOVE or scale > _OFF_SCALE
