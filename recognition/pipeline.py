"""A frame's image in, its hands and their gestures out."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import monotonic, perf_counter

import numpy as np

from events.frame import Frame, Mode
from events.prediction import Hand, Model, Status
from events.reason import Reason, RecordError
from imaging.decoding import DecodedImage, decode_image
from imaging.formats import CONTENT_TYPES, image_type
from recognition.bundle import SHIPPED_BUNDLE, Bundle, load_bundle
from recognition.camera_run import CameraRun, StreamOptions
from recognition.decision import decide
from recognition.engine.loading import load_engine
from recognition.engine.options import EngineOptions
from recognition.engine.protocol import HandEngine
from recognition.features import Floats, features, square_pixels
from recognition.found_hand import FoundHand
from recognition.handedness import with_handedness
from recognition.still_search import StillSearch
from settings import Settings, load_settings

TOP_SCORES = 3
# A run that sends no frame for this long has ended, and what is kept of its hands is worth nothing.
RUN_ENDED_AFTER_SECONDS = 60.0
# Unused runs that are looked for with each frame: enough to be rid of them faster than new ones come.
_LOOKED_AT = 2

# Camera and run.
RunName = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What was seen in one frame, by which model, and the milliseconds each step took.

    width, height: pixels of the picture as it was decoded; None where nobody looked at it.
    detector_skipped: nothing had moved since the last frame that was searched in vain.
    image_damaged: the image was corrupt or cut off; what could be decoded was searched.
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
    image_damaged: bool = False


@dataclass(slots=True)
class _Used:
    """A run and when it was used last, in monotonic seconds. is_busy: a thread is at work with it."""

    run: CameraRun
    at_seconds: float
    is_busy: bool


class Recognizer:
    """Recognises frames of many cameras.

    May be called from several threads at once, but not for the same camera: the order of its frames is the caller's to
    keep. In live and recorded streams hands are followed by a tracker for each run of each camera. It ends with the
    run, a minute after its last frame; when there are too many, the one unused for longest is closed.

    The bundle may be swapped at any time, from any thread: each frame is named by the one that was there when it came,
    and says so. Cameras go on being tracked.

    streams: how live and recorded streams are treated. world_landmarks: whether hands carry them.
    clock: monotonic seconds.
    """

    def __init__(
        self,
        *,
        bundle: Bundle,
        engine: HandEngine,
        streams: StreamOptions | None = None,
        world_landmarks: bool = False,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        # Read once a frame and replaced as a whole, so that a frame never sees two of them.
        self._bundle = bundle
        self._engine = engine
        self._stills = StillSearch(engine)
        self._streams = streams or StreamOptions()
        self._world_landmarks = world_landmarks
        self._clock = clock
        self._runs: OrderedDict[RunName, _Used] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls,
        *,
        bundle: Bundle | Path = SHIPPED_BUNDLE,
        landmark_model: Path | None = None,
        options: EngineOptions | None = None,
        settings: Settings | None = None,
    ) -> Recognizer:
        """From a bundle or its folder and the landmark model's file, by default the shipped and the fetched one.

        options: of the engine; those of the settings where not given. settings: those of the environment where not
        given. Raises BundleError or AssetError, and SettingsError where the settings are read here.
        """
        settings = settings or load_settings()
        return cls(
            bundle=bundle if isinstance(bundle, Bundle) else load_bundle(bundle),
            engine=load_engine(options, landmark_model=landmark_model, settings=settings),
            streams=StreamOptions.of(settings),
            world_landmarks=settings.world_landmarks,
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
        if image_type(frame.content_type) is None:
            raise RecordError(
                Reason.UNSUPPORTED_CONTENT_TYPE,
                f"content type {frame.content_type[:80]!r} is not one of {', '.join(sorted(CONTENT_TYPES))}",
            )
        if frame.mode is Mode.STILL:
            return self._recognize_still(frame, bundle=bundle)
        with self._run(frame) as run:
            return self._recognize_next(frame, run, bundle=bundle)

    def _recognize_still(self, frame: Frame, *, bundle: Bundle) -> Recognition:
        began = perf_counter()
        image = decode_image(frame.image)
        decoded = perf_counter()
        found = self._stills.find(image.pixels)
        return self._recognized(found, image, bundle=bundle, began=began, decoded=decoded, searched=perf_counter())

    def _recognize_next(self, frame: Frame, run: CameraRun, *, bundle: Bundle) -> Recognition:
        began = perf_counter()
        at_seconds = frame.captured_at.timestamp()
        if run.may_skip(frame.image, at_seconds=at_seconds):
            return _skipped(bundle, decode_ms=_milliseconds(perf_counter() - began))
        image = decode_image(frame.image)
        decoded = perf_counter()
        found = run.find(image.pixels, at_seconds=at_seconds, sequence=frame.sequence)
        seen = self._recognized(found, image, bundle=bundle, began=began, decoded=decoded, searched=perf_counter())
        run.rate([next(iter(hand.scores.values())) for hand in seen.hands])
        return seen

    def _recognized(
        self,
        found: Sequence[FoundHand],
        image: DecodedImage,
        *,
        bundle: Bundle,
        began: float,
        decoded: float,
        searched: float,
    ) -> Recognition:
        """Name the hands. began, decoded, searched: when each step was over, in seconds."""
        height, width = image.pixels.shape[:2]
        hands = _named(found, bundle=bundle, width=width, height=height, world=self._world_landmarks)
        return Recognition(
            status=Status.OK if hands else Status.NO_HAND,
            hands=hands,
            model=bundle.model,
            width=width,
            height=height,
            decode_ms=_milliseconds(decoded - began),
            landmarks_ms=_milliseconds(searched - decoded),
            classify_ms=_milliseconds(perf_counter() - searched),
            image_damaged=image.is_damaged,
        )

    def close(self) -> None:
        with self._lock:
            for used in self._runs.values():
                used.run.close()
            self._runs.clear()
        self._engine.close()

    @contextmanager
    def _run(self, frame: Frame) -> Iterator[CameraRun]:
        # A new run of the same camera begins at another place and time; following its old hand would mislead.
        name = (frame.camera, frame.run)
        with self._lock:
            used = self._runs.pop(name, None)
            closing = self._pop_unused()
            run = CameraRun(self._engine.tracker(judge=self._certainty), self._streams) if used is None else used.run
            # The last of them is the one used last.
            self._runs[name] = _Used(run, at_seconds=self._clock(), is_busy=True)
        for old in closing:
            old.close()
        try:
            yield run
        finally:
            with self._lock:
                if name in self._runs:
                    self._runs[name].is_busy = False

    def _pop_unused(self) -> list[CameraRun]:
        """Take out the runs that have ended, and those unused for longest where there are too many."""
        excess = len(self._runs) + 1 - self._engine.max_trackers
        unused = []
        for name, used in tuple(islice(self._runs.items(), max(0, excess) + _LOOKED_AT)):
            if excess <= 0 and self._clock() - used.at_seconds < RUN_ENDED_AFTER_SECONDS:
                break
            if not used.is_busy:
                unused.append(self._runs.pop(name).run)
                excess -= 1
        return unused

    def _certainty(self, hand: FoundHand, *, width: int, height: int) -> float:
        return float(_probabilities([hand], bundle=self._bundle, width=width, height=height).max())


def _skipped(bundle: Bundle, *, decode_ms: float) -> Recognition:
    """decode_ms: what the comparison with the last searched frame took."""
    return Recognition(
        status=Status.NO_HAND,
        hands=(),
        model=bundle.model,
        width=None,
        height=None,
        decode_ms=decode_ms,
        landmarks_ms=0.0,
        classify_ms=0.0,
        detector_skipped=True,
    )


def _named(found: Sequence[FoundHand], *, bundle: Bundle, width: int, height: int, world: bool) -> tuple[Hand, ...]:
    if not found:
        return ()
    probabilities = _probabilities(found, bundle=bundle, width=width, height=height)
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


def _probabilities(found: Sequence[FoundHand], *, bundle: Bundle, width: int, height: int) -> Floats:
    """(number of hands, number of classes)."""
    points = np.stack([square_pixels(hand.landmarks, width=width, height=height) for hand in found])
    return with_handedness(
        bundle.classifier.predict_proba(features(points)),
        classes=bundle.manifest.classes,
        landmarks=points,
        handedness=[hand.handedness for hand in found],
        scores=[hand.score for hand in found],
        world_landmarks=[hand.world_landmarks for hand in found],
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
    # Lists: for so few numbers arrays would take longer.
    scores = probabilities.tolist()
    best = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)[:TOP_SCORES]
    landmarks = _points(found.landmarks)
    xs, ys, _ = zip(*landmarks, strict=True)
    return Hand(
        handedness=found.handedness,
        score=round(found.score, 4),
        landmarks=landmarks,
        box=(min(xs), min(ys), max(xs), max(ys)),
        gesture=gesture,
        confidence=round(confidence, 4),
        scores={classes[index]: round(scores[index], 4) for index in best},
        track_id=found.track_id,
        world_landmarks=None if world_landmarks is None else _points(world_landmarks),
    )


def _points(landmarks: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(tuple, landmarks.round(5).tolist()))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
