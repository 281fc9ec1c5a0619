"""How hands are searched."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from recognition.engine.precision import Precision
from settings import Settings

UPRIGHT_RAD = math.pi / 2
# MediaPipe's hand detector graph gives 90 to an option that is in radians (rotation_vector_target_angle), which turns
# its first region 26.6° too far.
MEDIAPIPE_UPRIGHT_RAD = 90.0


class EngineKind(StrEnum):
    """openvino: our own. mediapipe: MediaPipe's HandLandmarker."""

    OPENVINO = "openvino"
    MEDIAPIPE = "mediapipe"


class Refine(StrEnum):
    """When the landmarks of a detected hand are read a second time, in the region that the first ask for.

    off: where they show that the detected palm's region was turned, moved or scaled too far.
    """

    NEVER = "never"
    OFF = "off"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """max_hands: found at once, 1 to 8. precision: of our own engine's networks.

    upright_rad: direction of a detected palm that counts as upright. second_readings: whether a followed hand is now
    and then compared with what the palm detector finds in its place.
    """

    kind: EngineKind = EngineKind.OPENVINO
    max_hands: int = 2
    precision: Precision = Precision.AUTO
    upright_rad: float = UPRIGHT_RAD
    refine: Refine = Refine.OFF
    second_readings: bool = True

    @classmethod
    def of(cls, settings: Settings) -> EngineOptions:
        return cls(
            kind=EngineKind(settings.engine),
            max_hands=settings.max_hands,
            precision=Precision(settings.precision),
        )


# What MediaPipe does, for comparisons with it.
REFERENCE = EngineOptions(
    precision=Precision.F32, upright_rad=MEDIAPIPE_UPRIGHT_RAD, refine=Refine.NEVER, second_readings=False
)
