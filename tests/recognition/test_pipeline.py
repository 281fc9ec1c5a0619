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
from imaging.decoding import Pixels
from recognition.bundle import Bundle
from recognition.camera_run import StreamOptions
from recognition.engine.protocol import Judge
from recognition.engine.recorded import RecordedEngine, RecordedTracker
from recognition.features import Floats
from recognition.found_hand import FoundHand
from recognition.pipeline import RUN_ENDED_AFTER_SECONDS, Recognizer
from tests.recognition.pictures import jpeg
from tests.recognition.twins import TwinClassifier, bundle, frame, hand, manifest


def recognizer(
    *images: Sequence[FoundHand],
    engine: RecordedEngine | None = None,
    twin: TwinClassifier | None = None,
    threshold: float = 0.0,
) -> Recognizer:
    return Recognizer(
        bundle=bundle(twin=twin, threshold=threshold), engine=engine or RecordedEngine(*images or [[hand()]])
    )


def test_a_hand_is_named_with_its_three_likeliest_gestures() -> None:
    # Of unknown handedness, so that the classifier alone decides.
    seen = recognizer([hand(score=0.5)], twin=TwinClassifier(0.05, 0.1, 0.65, 0.2)).recognize(frame())

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
    engine = RecordedEngine([replace(hand(), world_landmarks=metres), replace(hand(), world_landmarks=None)])
    made = Recognizer(bundle=bundle(), engine=engine, world_landmarks=world)

    given, absent = made.recognize(frame()).hands

    assert absent.world_landmarks is None
    if world:
        assert given.world_landmarks is not None
        np.testing.assert_allclose(given.world_landmarks, metres, atol=1e-5)
    else:
        assert given.world_landmarks is None


def test_no_hand_is_an_outcome_of_its_own() -> None:
    seen = recognizer([]).recognize(frame())

    assert (seen.status, seen.hands) == (Status.NO_HAND, ())


def test_a_gesture_less_probable_than_the_threshold_is_none() -> None:
    twin = TwinClassifier(0.3, 0.1, 0.55, 0.05)
    unsure = [hand(score=0.5)]

    (below,) = recognizer(unsure, twin=twin, threshold=0.6).recognize(frame()).hands
    (above,) = recognizer(unsure, twin=twin, threshold=0.5).recognize(frame()).hands

    # The probability of what is said, not of the gesture that is not named.
    assert (below.gesture, below.confidence) == (NO_GESTURE, 0.1)
    assert list(below.scores.items()) == [("palm", 0.55), ("fist", 0.3), ("no_gesture", 0.1)]
    assert (above.gesture, above.confidence) == ("palm", 0.55)


def test_a_gesture_may_have_a_threshold_of_its_own() -> None:
    made = Recognizer(
        bundle=bundle(twin=TwinClassifier(0.3, 0.1, 0.55, 0.05), threshold=0.6, thresholds={"palm": 0.5}),
        engine=RecordedEngine([hand(score=0.5)]),
    )

    (found,) = made.recognize(frame()).hands

    assert (found.gesture, found.confidence) == ("palm", 0.55)


def test_a_left_hand_gives_the_features_of_the_right_hand_that_mirrors_it() -> None:
    twin = TwinClassifier(0.1, 0.2, 0.6, 0.1)
    both = [hand(), hand(handedness=Handedness.LEFT, mirrored=True)]

    seen = recognizer(both, twin=twin).recognize(frame())

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


def test_a_fault_of_ours_is_passed_up() -> None:
    class Broken(RecordedEngine):
        def tracker(self, *, judge: Judge | None = None) -> RecordedTracker:  # noqa: ARG002
            raise RuntimeError("engine is gone")

    with pytest.raises(RuntimeError, match="engine is gone"):
        recognizer(engine=Broken()).recognize(frame())


def test_a_camera_keeps_its_tracker_and_shares_it_with_none() -> None:
    engine = RecordedEngine([hand(seed=1)], [hand(seed=2)])
    made = recognizer(engine=engine)

    first, other, second = (
        made.recognize(frame(camera=camera, sequence=sequence)).hands[0].landmarks
        for camera, sequence in (("a", 0), ("b", 0), ("a", 1))
    )

    assert len(engine.trackers) == 2
    assert first == other
    assert first != second


def test_a_tracker_hears_how_sure_the_classifier_was_of_each_hand() -> None:
    engine = RecordedEngine([hand(score=0.5), hand(score=0.5, seed=1)])

    recognizer(engine=engine, twin=TwinClassifier(0.05, 0.1, 0.65, 0.2)).recognize(frame())

    assert engine.trackers[0].certainties == [[0.65, 0.65]]


IDLE = jpeg(np.full((120, 160, 3), 128, np.uint8), noise=0)


def idle_frames(seconds: float) -> list[Frame]:
    return [frame(image=IDLE, content_type="image/jpeg", sequence=sequence) for sequence in range(round(seconds * 30))]


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.RECORDED])
def test_while_nothing_moves_and_no_hand_is_in_sight_most_frames_are_skipped_and_say_so(mode: Mode) -> None:
    made = recognizer([])

    seen = [made.recognize(replace(one, mode=mode)) for one in idle_frames(3)]

    skipped = [one.detector_skipped for one in seen]
    assert sum(skipped) > len(skipped) / 2
    assert {one.status for one in seen} == {Status.NO_HAND}
    last = next(one for one in reversed(seen) if one.detector_skipped)
    assert (last.hands, last.width, last.height, last.landmarks_ms) == ((), None, None, 0.0)


def test_stills_and_frames_with_a_hand_are_never_skipped() -> None:
    still, followed = recognizer([]), recognizer([hand()])

    assert not any(still.recognize(replace(one, mode=Mode.STILL)).detector_skipped for one in idle_frames(2))
    assert not any(followed.recognize(one).detector_skipped for one in idle_frames(2))


def test_skipping_can_be_switched_off() -> None:
    made = Recognizer(bundle=bundle(), engine=RecordedEngine([]), streams=StreamOptions(idle_skipping=False))

    assert not any(made.recognize(one).detector_skipped for one in idle_frames(2))


def test_a_damaged_frame_of_an_idle_camera_is_searched_and_flagged() -> None:
    made = recognizer([])
    for one in idle_frames(2):
        made.recognize(one)

    # At least one of them is compared, and so decoded.
    seen = [
        made.recognize(frame(image=IDLE[:-200], content_type="image/jpeg", sequence=sequence))
        for sequence in range(60, 65)
    ]

    assert {one.image_damaged for one in seen if not one.detector_skipped} == {True}


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.RECORDED])
@pytest.mark.parametrize("smoothing", [True, False])
def test_landmarks_of_followed_hands_are_smoothed_unless_that_is_switched_off(smoothing: bool, mode: Mode) -> None:
    here = replace(hand(), track_id=3)
    there = replace(here, landmarks=here.landmarks + 0.01)
    made = Recognizer(
        bundle=bundle(), engine=RecordedEngine([here], [there]), streams=StreamOptions(smoothing=smoothing)
    )

    _, second = (made.recognize(frame(sequence=sequence, mode=mode)).hands[0] for sequence in (0, 1))

    moved = np.array(second.landmarks) - here.landmarks
    if smoothing:
        assert np.all((moved > 0) & (moved < 0.009))
    else:
        np.testing.assert_allclose(moved, 0.01, atol=1e-5)


def test_the_track_id_is_part_of_the_prediction() -> None:
    followed = replace(hand(), track_id=48)

    assert recognizer([followed]).recognize(frame()).hands[0].track_id == 48


@pytest.mark.parametrize("mode", [Mode.LIVE, Mode.RECORDED])
def test_a_new_run_of_a_camera_is_tracked_anew(mode: Mode) -> None:
    engine = RecordedEngine([hand()])
    made = recognizer(engine=engine)

    for run in ("monday", "monday", "tuesday"):
        made.recognize(frame(run=run, mode=mode))

    assert len(engine.trackers) == 2


def test_the_camera_unused_for_longest_is_let_go() -> None:
    engine = RecordedEngine([hand()], max_trackers=2)
    made = recognizer(engine=engine)

    for camera in ("a", "b", "a", "c"):
        made.recognize(frame(camera=camera))

    assert [tracker.closed for tracker in engine.trackers] == [False, True, False]


def test_tracking_ends_with_the_run() -> None:
    now = 0.0
    engine = RecordedEngine([hand()])
    made = Recognizer(bundle=bundle(), engine=engine, clock=lambda: now)
    for run in ("monday", "tuesday", "wednesday"):
        made.recognize(frame(run=run))
        now += RUN_ENDED_AFTER_SECONDS / 2

    made.recognize(frame(run="wednesday", sequence=1))

    assert [tracker.closed for tracker in engine.trackers] == [True, True, False]


def test_stills_are_not_tracked() -> None:
    engine = RecordedEngine([hand()])
    made = recognizer(engine=engine)

    for sequence in range(3):
        made.recognize(frame(sequence=sequence, mode=Mode.STILL))

    assert (engine.stills, len(engine.trackers)) == (3, 0)


def test_a_tracker_at_work_is_not_closed_under_its_thread() -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(RecordedTracker):
        def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
            started.set()
            go_on.wait(timeout=10)
            assert not self.closed
            return super().find(pixels, at_seconds=at_seconds, sequence=sequence)

    class SlowFirst(RecordedEngine):
        def tracker(self, *, judge: Judge | None = None) -> RecordedTracker:
            if self.trackers:
                return super().tracker(judge=judge)
            self.trackers.append(Slow([[hand()]]))
            return self.trackers[-1]

    made = recognizer(engine=SlowFirst([hand()], max_trackers=1))
    with ThreadPoolExecutor(max_workers=1) as pool:
        slow = pool.submit(made.recognize, frame(camera="slow"))
        assert started.wait(timeout=10)
        made.recognize(frame(camera="quick"))
        go_on.set()
        assert slow.result(timeout=10).status is Status.OK


def test_closing_closes_the_engine_and_all_trackers() -> None:
    engine = RecordedEngine([hand()])
    made = recognizer(engine=engine)
    for camera in ("a", "b"):
        made.recognize(frame(camera=camera))

    made.close()

    assert engine.closed
    assert all(tracker.closed for tracker in engine.trackers)


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
    made = Recognizer(bundle=versions["1"], engine=RecordedEngine(unsure))
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
    engine = RecordedEngine([hand()])
    made = recognizer(engine=engine)
    made.recognize(frame(sequence=0))

    made.swap(bundle(threshold=1.0))

    assert made.recognize(frame(sequence=1)).hands[0].gesture == NO_GESTURE
    assert len(engine.trackers) == 1
