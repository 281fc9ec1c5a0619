"""Finding hands: the edge to MediaPipe's HandLandmarker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from events.prediction import Handedness
from recognition.found_hand import FoundHand
from recognition.image import Pixels
from recognition.second_look import quarters, shrunk, with_margin
from recognition.without_plotting import without_plotting

with without_plotting():
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode

__all__ = ["FoundHand", "Landmarker", "RecordedLandmarker", "StillLandmarker", "TrackingLandmarker"]

MAX_HANDS = 2
# Below MediaPipe's own 0.5: of 225 photographs of gestures 223 show a hand instead of 218, and none of 20 without a
# gesture is named one for it.
STILL_DETECTION_CONFIDENCE = 0.1
STILL_PRESENCE_CONFIDENCE = 0.3
# The second look has to be surer: it looks at five more pictures, each of which could show a hand where none is.
SECOND_DETECTION_CONFIDENCE = 0.3
SECOND_PRESENCE_CONFIDENCE = 0.5


class Landmarker(Protocol):
    """Finds up to two hands. One call at a time; close() frees the model."""

    def find(self, pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:
        """Hands in an RGB picture (height, width, 3). at_ms: time of capture, which must not fall where hands are
        tracked from one picture to the next."""

    def close(self) -> None: ...


class StillLandmarker:
    """For pictures that are independent of each other. Where no hand is found, it looks again, closer and from further
    away: a still has no next frame in which the hand might be found."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._detector = _create(
            model,
            running_mode=RunningMode.IMAGE,
            num_hands=MAX_HANDS,
            min_hand_detection_confidence=STILL_DETECTION_CONFIDENCE,
            min_hand_presence_confidence=STILL_PRESENCE_CONFIDENCE,
        )
        self._sure: HandLandmarker | None = None

    def find(self, pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:  # noqa: ARG002 (a still has no past)
        hands = _hands(self._detector.detect(_image(pixels)))
        return hands or self._look_again(pixels)

    def close(self) -> None:
        self._detector.close()
        if self._sure is not None:
            self._sure.close()

    def _look_again(self, pixels: Pixels) -> Sequence[FoundHand]:
        pixels = shrunk(pixels)
        detector = self._sure_detector()
        for cut in (with_margin(pixels), *quarters(pixels)):
            hands = [cut.back(hand) for hand in _hands(detector.detect(_image(cut.pixels)))]
            if hands:
                return hands
        return []

    def _sure_detector(self) -> HandLandmarker:
        # Most pictures show a hand at the first look: those who never need it do not pay for it.
        if self._sure is None:
            self._sure = _create(
                self._model,
                running_mode=RunningMode.IMAGE,
                num_hands=MAX_HANDS,
                min_hand_detection_confidence=SECOND_DETECTION_CONFIDENCE,
                min_hand_presence_confidence=SECOND_PRESENCE_CONFIDENCE,
            )
        return self._sure


class TrackingLandmarker:
    """For one camera: follows a hand from frame to frame, which costs half of finding it anew.

    MediaPipe searches the whole picture as long as it follows fewer hands than it may. With room for two, one hand held
    up would be searched beside in every frame. So one instance follows a single hand, and another, with room for two,
    looks for a second hand now and then and takes over while there are two.
    """

    # A second hand is found at the latest after so many frames: half a second at 30 frames a second.
    SECOND_HAND_EVERY = 15

    def __init__(self, model: Path) -> None:
        self._single = _create(model, running_mode=RunningMode.VIDEO, num_hands=1)
        self._pair = _create(model, running_mode=RunningMode.VIDEO, num_hands=MAX_HANDS)
        self._last_ms = -1
        self._frames = 0
        self._two = False

    def find(self, pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:
        # MediaPipe refuses a time that does not rise; cameras repeat times and clocks are set back.
        self._last_ms = max(at_ms, self._last_ms + 1)
        look_for_second = self._frames % self.SECOND_HAND_EVERY == 0
        self._frames += 1
        detector = self._pair if self._two or look_for_second else self._single
        hands = _hands(detector.detect_for_video(_image(pixels), self._last_ms))
        self._two = len(hands) == MAX_HANDS
        return hands

    def close(self) -> None:
        self._single.close()
        self._pair.close()


class RecordedLandmarker:
    """In-memory twin: gives the hands that it was told to, picture by picture, and the last ones for ever."""

    def __init__(self, *pictures: Sequence[FoundHand]) -> None:
        self._pictures = pictures
        self._next = 0
        self.closed = False

    def find(self, pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:  # noqa: ARG002
        hands = self._pictures[min(self._next, len(self._pictures) - 1)]
        self._next += 1
        return hands

    def close(self) -> None:
        self.closed = True


def _create(model: Path, **options: Any) -> HandLandmarker:
    base = BaseOptions(model_asset_path=str(model))
    return HandLandmarker.create_from_options(HandLandmarkerOptions(base_options=base, **options))


def _image(pixels: Pixels) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)


def _hands(result: Any) -> list[FoundHand]:
    return [
        FoundHand(
            handedness=Handedness(handedness[0].category_name.lower()),
            score=min(1.0, float(handedness[0].score)),
            landmarks=np.array([(point.x, point.y, point.z) for point in landmarks]),
        )
        for handedness, landmarks in zip(result.handedness, result.hand_landmarks, strict=True)
    ]
