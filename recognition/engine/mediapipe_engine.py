"""MediaPipe's HandLandmarker behind the same Protocol, as the reference."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from events.prediction import MAX_HANDS, Handedness
from imaging.decoding import Pixels
from recognition.engine.options import EngineKind, EngineOptions
from recognition.engine.protocol import Judge
from recognition.engine.tracking import REMEMBER_SECONDS, SEARCH_EVERY_SECONDS
from recognition.found_hand import FoundHand
from recognition.without_modules import PLOTTING, without_modules

with without_modules(*PLOTTING):
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode

# Each tracker holds about 80 MB and 8 threads.
MAX_TRACKERS = 16


class MediaPipeEngine:
    """Each thread has a HandLandmarker of its own for every pair of confidences that it asks for."""

    name = EngineKind.MEDIAPIPE.value
    max_trackers = MAX_TRACKERS

    def __init__(self, task: Path, options: EngineOptions) -> None:
        self._task = task
        self._options = options
        self._of_thread = threading.local()
        self._landmarkers: list[HandLandmarker] = []
        self._lock = threading.Lock()

    def find(self, pixels: Pixels, *, detection_confidence: float, presence_confidence: float) -> Sequence[FoundHand]:
        landmarker = self._landmarker((detection_confidence, presence_confidence))
        return _hands(landmarker.detect(_image(pixels)))

    def tracker(self, *, judge: Judge | None = None) -> MediaPipeTracker:  # noqa: ARG002 (MediaPipe reads a hand once)
        return MediaPipeTracker(self._task, self._options)

    def close(self) -> None:
        with self._lock:
            for landmarker in self._landmarkers:
                landmarker.close()
            self._landmarkers.clear()
            self._of_thread = threading.local()

    def _landmarker(self, confidences: tuple[float, float]) -> HandLandmarker:
        of_thread: dict[str, HandLandmarker] = self._of_thread.__dict__
        landmarker = of_thread.get(str(confidences))
        if landmarker is None:
            landmarker = of_thread[str(confidences)] = _create(
                self._task,
                running_mode=RunningMode.IMAGE,
                num_hands=self._options.max_hands,
                min_hand_detection_confidence=confidences[0],
                min_hand_presence_confidence=confidences[1],
            )
            with self._lock:
                self._landmarkers.append(landmarker)
        return landmarker


class MediaPipeTracker:
    """MediaPipe searches the whole image in every frame as long as it follows fewer hands than it may. So one instance
    follows a single hand, and another, with room for all, looks for more now and then and takes over while there are.

    MediaPipe gives no track ids: a hand keeps its id while it is found near where it was.
    """

    def __init__(self, task: Path, options: EngineOptions) -> None:
        self._single = _create(task, running_mode=RunningMode.VIDEO, num_hands=1)
        self._all = (
            _create(task, running_mode=RunningMode.VIDEO, num_hands=options.max_hands)
            if options.max_hands > 1
            else None
        )
        self._last_ms = -1
        self._searched_at_seconds = -np.inf
        self._has_several = False
        self._places: dict[int, tuple[np.ndarray, float, float]] = {}

    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
        # MediaPipe refuses a time that does not rise; cameras repeat times and clocks are set back.
        self._last_ms = max(round(at_seconds * 1000), self._last_ms + 1)
        self._searched_at_seconds = min(self._searched_at_seconds, at_seconds)
        searches = at_seconds - self._searched_at_seconds >= SEARCH_EVERY_SECONDS
        detector = self._single
        if self._all is not None and (self._has_several or searches):
            detector, self._searched_at_seconds = self._all, at_seconds
        hands = _hands(detector.detect_for_video(_image(pixels), self._last_ms))
        self._has_several = len(hands) > 1
        return self._identified(hands, at_seconds=at_seconds, sequence=sequence)

    def rate(self, certainties: Sequence[float]) -> None:
        """MediaPipe reads a hand once."""

    def close(self) -> None:
        self._single.close()
        if self._all is not None:
            self._all.close()

    def _identified(self, hands: Sequence[FoundHand], *, at_seconds: float, sequence: int) -> list[FoundHand]:
        known = {
            track_id: place
            for track_id, place in self._places.items()
            if 0 <= at_seconds - place[2] <= REMEMBER_SECONDS
        }
        found = []
        for number, hand in enumerate(hands):
            points = hand.landmarks[:, :2]
            middle, size = points.mean(axis=0), float(np.ptp(points, axis=0).max())
            near = {key: float(np.hypot(*(middle - place[0]))) for key, place in known.items()}
            track_id = min(near, key=near.__getitem__, default=None)
            if track_id is None or near[track_id] > max(size, known[track_id][1]) / 2:
                track_id = sequence * MAX_HANDS + number
            known.pop(track_id, None)
            self._places[track_id] = (middle, size, at_seconds)
            found.append(
                FoundHand(
                    handedness=hand.handedness,
                    score=hand.score,
                    landmarks=hand.landmarks,
                    world_landmarks=hand.world_landmarks,
                    track_id=track_id,
                )
            )
        self._places = {
            key: place for key, place in self._places.items() if 0 <= at_seconds - place[2] <= REMEMBER_SECONDS
        }
        return found


def _create(task: Path, **options: Any) -> HandLandmarker:
    base = BaseOptions(model_asset_path=str(task))
    return HandLandmarker.create_from_options(HandLandmarkerOptions(base_options=base, **options))


def _image(pixels: Pixels) -> mp.Image:
    return mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels)


def _hands(result: Any) -> list[FoundHand]:
    return [
        FoundHand(
            handedness=Handedness(handedness[0].category_name.lower()),
            score=min(1.0, float(handedness[0].score)),
            landmarks=np.array([(point.x, point.y, point.z) for point in landmarks]),
            world_landmarks=np.array([(point.x, point.y, point.z) for point in world]),
        )
        for handedness, landmarks, world in zip(
            result.handedness, result.hand_landmarks, result.hand_world_landmarks, strict=True
        )
    ]
