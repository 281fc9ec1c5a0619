"""A frame in, hands with their gestures out."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from events.frame import Frame, Mode
from events.prediction import NO_GESTURE, Handedness, Status
from events.reason import Reason, RecordError
from recognition.bundle import Bundle
from recognition.features import Floats
from recognition.image import Pixels
from recognition.landmarks import FoundHand, RecordedLandmarker
from recognition.pipeline import Recognizer
from tests.recognition.twins import TwinClassifier, bundle, frame, hand, manifest


class Twins:
    """Landmarkers that a recogniser made, in order."""

    def __init__(self, *pictures: Sequence[FoundHand]) -> None:
        self.made: list[RecordedLandmarker] = []
        self._pictures = pictures or ([hand()],)

    def __call__(self) -> RecordedLandmarker:
        self.made.append(RecordedLandmarker(*self._pictures))
        return self.made[-1]


def recognizer(
    *,
    still: Twins | None = None,
    tracking: Twins | None = None,
    twin: TwinClassifier | None = None,
    threshold: float = 0.0,
    cameras: int = 16,
) -> Recognizer:
    return Recognizer(
        bundle=bundle(twin=twin, threshold=threshold),
        create_still=still or Twins(),
        create_tracking=tracking or Twins(),
        max_tracked_cameras=cameras,
    )


def test_a_hand_is_named_with_its_three_likeliest_gestures() -> None:
    # Of unknown handedness, so that the classifier alone decides.
    unsure = Twins([hand(score=0.5)])

    seen = recognizer(tracking=unsure, twin=TwinClassifier(0.05, 0.1, 0.65, 0.2)).recognize(frame())

    (found,) = seen.hands
    assert seen.status is Status.OK
    assert (found.gesture, found.confidence) == ("palm", 0.65)
    assert list(found.scores.items()) == [("palm", 0.65), ("peace", 0.2), ("no_gesture", 0.1)]
    assert found.score == 0.5
    assert (seen.model.name, seen.model.version) == ("twin", "7")
    assert min(seen.decode_ms, seen.landmarks_ms, seen.classify_ms) >= 0


def test_landmarks_are_passed_on_and_boxed() -> None:
    (found,) = recognizer().recognize(frame()).hands

    np.testing.assert_allclose(found.landmarks, hand().landmarks, atol=1e-5)
    xs, ys = [point[0] for point in found.landmarks], [point[1] for point in found.landmarks]
    assert found.box == (min(xs), min(ys), max(xs), max(ys))


@pytest.mark.parametrize("world", [False, True])
def test_world_landmarks_are_passed_on_where_they_are_asked_for(world: bool) -> None:
    metres = np.linspace(-0.1, 0.1, 63).reshape(21, 3)
    with_metres = Twins([replace(hand(), world_landmarks=metres), replace(hand(), world_landmarks=None)])
    made = Recognizer(bundle=bundle(), create_still=Twins(), create_tracking=with_metres, world_landmarks=world)

    given, absent = made.recognize(frame()).hands

    assert absent.world_landmarks is None
    if world:
        assert given.world_landmarks is not None
        np.testing.assert_allclose(given.world_landmarks, metres, atol=1e-5)
    else:
        assert given.world_landmarks is None


def test_no_hand_is_an_outcome_of_its_own() -> None:
    seen = recognizer(tracking=Twins([])).recognize(frame())

    assert (seen.status, seen.hands) == (Status.NO_HAND, ())


def test_a_gesture_less_probable_than_the_threshold_is_none() -> None:
    twin = TwinClassifier(0.3, 0.1, 0.55, 0.05)
    unsure = [hand(score=0.5)]

    (below,) = recognizer(tracking=Twins(unsure), twin=twin, threshold=0.6).recognize(frame()).hands
    (above,) = recognizer(tracking=Twins(unsure), twin=twin, threshold=0.5).recognize(frame()).hands

    # The probability of what is said, not of the gesture that is not named.
    assert (below.gesture, below.confidence) == (NO_GESTURE, 0.1)
    assert list(below.scores.items()) == [("palm", 0.55), ("fist", 0.3), ("no_gesture", 0.1)]
    assert (above.gesture, above.confidence) == ("palm", 0.55)


def test_a_gesture_may_have_a_threshold_of_its_own() -> None:
    made = Recognizer(
        bundle=bundle(twin=TwinClassifier(0.3, 0.1, 0.55, 0.05), threshold=0.6, thresholds={"palm": 0.5}),
        create_still=Twins(),
        create_tracking=Twins([hand(score=0.5)]),
    )

    (found,) = made.recognize(frame()).hands

    assert (found.gesture, found.confidence) == ("palm", 0.55)


def test_a_left_hand_gives_the_features_of_the_right_hand_that_mirrors_it() -> None:
    twin = TwinClassifier(0.1, 0.2, 0.6, 0.1)
    both = Twins([hand(), hand(handedness=Handedness.LEFT, mirrored=True)])

    seen = recognizer(tracking=both, twin=twin).recognize(frame())

    assert [found.handedness for found in seen.hands] == [Handedness.RIGHT, Handedness.LEFT]
    right, left = twin.asked[0]
    np.testing.assert_allclose(left, right, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (frame(image=b""), Reason.EMPTY_IMAGE),
        (frame(image=b"rubbish"), Reason.NOT_AN_IMAGE),
        (frame(content_type="text/html"), Reason.UNSUPPORTED_CONTENT_TYPE),
    ],
)
def test_a_frames_own_fault_is_told_apart(given: Frame, reason: Reason) -> None:
    with pytest.raises(RecordError) as caught:
        recognizer().recognize(given)
    assert caught.value.reason is reason


def test_a_fault_of_ours_is_passed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:
        raise RuntimeError("graph is gone")

    landmarker = RecordedLandmarker()
    monkeypatch.setattr(landmarker, "find", broken)
    made = Recognizer(bundle=bundle(), create_still=Twins(), create_tracking=lambda: landmarker)

    with pytest.raises(RuntimeError, match="graph is gone"):
        made.recognize(frame())


def test_a_camera_keeps_its_landmarker_and_shares_it_with_none() -> None:
    tracking = Twins([hand(seed=1)], [hand(seed=2)])
    made = recognizer(tracking=tracking)

    first, other, second = (
        made.recognize(frame(camera=camera, sequence=sequence)).hands[0].landmarks
        for camera, sequence in (("a", 0), ("b", 0), ("a", 1))
    )

    assert len(tracking.made) == 2
    assert first == other
    assert first != second


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.RECORDED])
def test_a_new_run_of_a_camera_is_tracked_anew(mode: Mode) -> None:
    tracking = Twins()
    made = recognizer(tracking=tracking)

    for run in ("monday", "monday", "tuesday"):
        made.recognize(frame(run=run, mode=mode))

    assert len(tracking.made) == 2


def test_the_camera_unused_for_longest_is_let_go() -> None:
    tracking = Twins()
    made = recognizer(tracking=tracking, cameras=2)

    for camera in ("a", "b", "a", "c"):
        made.recognize(frame(camera=camera))

    assert [landmarker.closed for landmarker in tracking.made] == [False, True, False]


def test_stills_are_not_tracked() -> None:
    tracking, still = Twins(), Twins()
    made = recognizer(tracking=tracking, still=still)

    for sequence in range(3):
        made.recognize(frame(sequence=sequence, mode=Mode.STILL))

    assert (len(still.made), len(tracking.made)) == (1, 0)


def test_threads_have_a_still_landmarker_each() -> None:
    still, together = Twins(), threading.Barrier(3)
    made = recognizer(still=still)

    def work(sequence: int) -> Status:
        together.wait(timeout=10)
        return made.recognize(frame(sequence=sequence, mode=Mode.STILL)).status

    with ThreadPoolExecutor(max_workers=3) as pool:
        assert list(pool.map(work, range(3))) == [Status.OK] * 3
    assert len(still.made) == 3


def test_a_landmarker_at_work_is_not_closed_under_its_thread() -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(RecordedLandmarker):
        def find(self, pixels: Pixels, *, at_ms: int) -> Sequence[FoundHand]:
            started.set()
            go_on.wait(timeout=10)
            assert not self.closed
            return super().find(pixels, at_ms=at_ms)

    landmarkers = iter([Slow([hand()]), RecordedLandmarker([hand()]), RecordedLandmarker([hand()])])
    made = Recognizer(
        bundle=bundle(), create_still=Twins(), create_tracking=lambda: next(landmarkers), max_tracked_cameras=1
    )
    with ThreadPoolExecutor(max_workers=1) as pool:
        slow = pool.submit(made.recognize, frame(camera="slow"))
        assert started.wait(timeout=10)
        made.recognize(frame(camera="quick"))
        go_on.set()
        assert slow.result(timeout=10).status is Status.OK


def test_closing_closes_all_landmarkers() -> None:
    tracking, still = Twins(), Twins()
    made = recognizer(tracking=tracking, still=still)
    for camera in ("a", "b"):
        made.recognize(frame(camera=camera))
    made.recognize(frame(mode=Mode.STILL))

    made.close()

    assert all(landmarker.closed for landmarker in (*tracking.made, *still.made))


class Marked(TwinClassifier):
    """Sure of one gesture; a moment passes between naming and what is said of it."""

    def predict_proba(self, features: Floats) -> Floats:
        time.sleep(0.0005)
        return super().predict_proba(features)


def test_each_frame_is_named_by_the_bundle_that_it_names() -> None:
    unsure = [hand(score=0.5)]
    versions = {
        "1": Bundle(manifest=replace(manifest(), version="1"), classifier=Marked(1.0, 0.0, 0.0, 0.0)),
        # Other classes too: what one bundle says must never be read by the other's list.
        "2": Bundle(
            manifest=replace(manifest(classes=("wave", "no_gesture", "palm", "peace")), version="2"),
            classifier=Marked(1.0, 0.0, 0.0, 0.0),
        ),
    }
    made = Recognizer(bundle=versions["1"], create_still=Twins(unsure), create_tracking=Twins(unsure))
    ended = threading.Event()

    def swap() -> None:
        while not ended.is_set():
            for version in ("2", "1"):
                made.swap(versions[version])
                time.sleep(0.001)

    swapping = threading.Thread(target=swap)
    swapping.start()
    with ThreadPoolExecutor(max_workers=4) as pool:
        frames = [frame(camera=str(number % 4), sequence=number, mode=Mode.STILL) for number in range(400)]
        seen = list(pool.map(made.recognize, frames))
    ended.set()
    swapping.join()

    assert {(one.model.version, one.hands[0].gesture) for one in seen} == {("1", "fist"), ("2", "wave")}


def test_a_camera_goes_on_being_tracked_when_the_bundle_is_swapped() -> None:
    tracking = Twins()
    made = recognizer(tracking=tracking)
    made.recognize(frame(sequence=0))

    made.swap(bundle(threshold=1.0))

    assert made.recognize(frame(sequence=1)).hands[0].gesture == NO_GESTURE
    assert len(tracking.made) == 1
