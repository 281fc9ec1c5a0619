"""A frame's image in, its hands and their gestures out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from events.frame import Frame, Mode
from events.prediction import Hand, Model, Status
from events.reason import Reason, RecordError
from recognition.assets import ensure_landmark_model
from recognition.bundle import SHIPPED_BUNDLE, Bundle, load_bundle
from recognition.decision import decide
from recognition.features import Floats, features, square_pixels
from recognition.handedness import with_handedness
from recognition.image import CONTENT_TYPES, decode
from recognition.landmarks import FoundHand, Landmarker, StillLandmarker, TrackingLandmarker

TOP_SCORES = 3
# Each tracked camera holds two landmark models, some 30 MB.
MAX_TRACKED_CAMERAS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What was seen in one frame, by which model, and the milliseconds each step took.

    width, height: pixels of the picture as it was decoded; None where nobody looked at it.
    detector_skipped: nothing had moved since the last frame that was searched in vain.
    """

    status: Status
    hands: tuple[Hand, ...]
    model: Model
    width: int | None
    height: int | None
    decode_ms: float
    landmarks_ms: float
    classify_ms: float
    detector_skipped: bool = False


class Recognizer:
    """Recognises frames of many cameras.

    May be called from several threads at once, but not for the same camera: the order of its frames is the caller's to
    keep. Live and recorded cameras are tracked, each by a landmarker of its own; the one unused for longest is closed
    when there are too many. Stills go to a landmarker of the calling thread.

    The bundle may be swapped at any time, from any thread: each frame is named by the one that was there when it came,
    and says so. Cameras go on being tracked.

    world_landmarks: whether hands carry them, where the landmarker gives them.
    """

    def __init__(
        self,
        *,
        bundle: Bundle,
        create_still: Callable[[], Landmarker],
        create_tracking: Callable[[], Landmarker],
        max_tracked_cameras: int = MAX_TRACKED_CAMERAS,
        world_landmarks: bool = False,
    ) -> None:
        # Read once a frame and replaced as a whole, so that a frame never sees two of them.
        self._bundle = bundle
        self._create_still = create_still
        self._create_tracking = create_tracking
        self._max_tracked_cameras = max_tracked_cameras
        self._world_landmarks = world_landmarks
        self._tracking: OrderedDict[str, Landmarker] = OrderedDict()
        self._in_use: set[str] = set()
        self._stills: list[Landmarker] = []
        self._of_thread = threading.local()
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls,
        *,
        bundle: Bundle | Path = SHIPPED_BUNDLE,
        landmark_model: Path | None = None,
        world_landmarks: bool = False,
    ) -> Recognizer:
        """From a bundle or its folder and the landmark model's file, by default the shipped and the fetched one.

        Raises BundleError or AssetError.
        """
        path = landmark_model or ensure_landmark_model()
        return cls(
            bundle=bundle if isinstance(bundle, Bundle) else load_bundle(bundle),
            create_still=lambda: StillLandmarker(path),
            create_tracking=lambda: TrackingLandmarker(path),
            world_landmarks=world_landmarks,
        )

    @property
    def bundle(self) -> Bundle:
        """The one that names the next frame."""
        return self._bundle

    @property
    def model(self) -> Model:
        """What the next frame's outcome will say of it."""
        return self._bundle.model

    def swap(self, bundle: Bundle) -> None:
        """Name by this bundle from the next frame on; those under way are named by the one before."""
        self._bundle = bundle

    def recognize(self, frame: Frame) -> Recognition:
        """Raises RecordError where the frame itself is at fault."""
        bundle = self._bundle
        if frame.content_type not in CONTENT_TYPES:
            raise RecordError(
                Reason.UNSUPPORTED_CONTENT_TYPE,
                f"content type {frame.content_type[:80]!r} is not one of {', '.join(sorted(CONTENT_TYPES))}",
            )
        began = perf_counter()
        pixels = decode(frame.image)
        decoded = perf_counter()
        found = self._find(frame, pixels)
        landed = perf_counter()
        height, width = pixels.shape[:2]
        hands = _named(found, bundle=bundle, width=width, height=height, world=self._world_landmarks)
        named = perf_counter()
        return Recognition(
            status=Status.OK if hands else Status.NO_HAND,
            hands=hands,
            model=bundle.model,
            width=width,
            height=height,
            decode_ms=_milliseconds(decoded - began),
            landmarks_ms=_milliseconds(landed - decoded),
            classify_ms=_milliseconds(named - landed),
        )

    def close(self) -> None:
        with self._lock:
            for landmarker in (*self._tracking.values(), *self._stills):
                landmarker.close()
            self._tracking.clear()
            self._stills.clear()
            self._of_thread = threading.local()

    def _find(self, frame: Frame, pixels: np.ndarray) -> Sequence[FoundHand]:
        if frame.mode is Mode.STILL:
            return self._still().find(pixels, at_ms=0)
        # A new run of the same camera begins at another place and time; following its old hand would mislead.
        track = f"{frame.camera}/{frame.run}"
        try:
            return self._track(track).find(pixels, at_ms=_epoch_ms(frame.captured_at))
        finally:
            with self._lock:
                self._in_use.discard(track)

    def _still(self) -> Landmarker:
        landmarker: Landmarker | None = getattr(self._of_thread, "still", None)
        if landmarker is None:
            landmarker = self._of_thread.still = self._create_still()
            with self._lock:
                self._stills.append(landmarker)
        return landmarker

    def _track(self, track: str) -> Landmarker:
        with self._lock:
            self._in_use.add(track)
            landmarker = self._tracking.pop(track, None)
            idle = [name for name in self._tracking if name not in self._in_use]
            excess = len(self._tracking) + 1 - self._max_tracked_cameras
            closing = [self._tracking.pop(name) for name in idle[: max(0, excess)]]
            if landmarker is None:
                landmarker = self._create_tracking()
            self._tracking[track] = landmarker
        for old in closing:
            old.close()
        return landmarker


def _named(found: Sequence[FoundHand], *, bundle: Bundle, width: int, height: int, world: bool) -> tuple[Hand, ...]:
    if not found:
        return ()
    points = np.stack([square_pixels(hand.landmarks, width=width, height=height) for hand in found])
    probabilities = with_handedness(
        bundle.classifier.predict_proba(features(points)),
        classes=bundle.manifest.classes,
        landmarks=points,
        handedness=[hand.handedness for hand in found],
        scores=[hand.score for hand in found],
    )
    decisions = decide(probabilities, classes=bundle.manifest.classes, thresholds=bundle.manifest.class_thresholds)
    return tuple(
        _hand(
            hand,
            row,
            classes=bundle.manifest.classes,
            gesture=str(gesture),
            confidence=float(confidence),
            world_landmarks=hand.world_landmarks if world else None,
        )
        for hand, row, gesture, confidence in zip(
            found, probabilities, decisions.gestures, decisions.confidences, strict=True
        )
    )


def _hand(
    found: FoundHand,
    probabilities: np.ndarray,
    *,
    classes: Sequence[str],
    gesture: str,
    confidence: float,
    world_landmarks: Floats | None,
) -> Hand:
    best = np.argsort(-probabilities)[:TOP_SCORES]
    left, top = found.landmarks[:, :2].min(axis=0).round(5).tolist()
    right, bottom = found.landmarks[:, :2].max(axis=0).round(5).tolist()
    return Hand(
        handedness=found.handedness,
        score=round(found.score, 4),
        landmarks=_points(found.landmarks),
        box=(left, top, right, bottom),
        gesture=gesture,
        confidence=round(confidence, 4),
        scores={classes[index]: round(float(probabilities[index]), 4) for index in best},
        track_id=found.track_id,
        world_landmarks=None if world_landmarks is None else _points(world_landmarks),
    )


def _points(landmarks: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(tuple, landmarks.round(5).tolist()))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)


def _epoch_ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
