"""When the palm detector runs while hands are followed, and which reading is kept."""

from __future__ import annotations

import numpy as np

from imaging.decoding import Pixels
from recognition.engine.landmark_model import HandReading
from recognition.engine.options import EngineOptions
from recognition.engine.palm_detector import Palm
from recognition.engine.region import Region
from recognition.engine.tracking import (
    CHECK_EVERY_SECONDS,
    DOUBT_EVERY_SECONDS,
    SEARCH_EVERY_SECONDS,
    RegionTracker,
)
from recognition.features import Floats
from recognition.found_hand import FoundHand

FPS = 30
IMAGE: Pixels = np.zeros((480, 640, 3), np.uint8)
# An open hand, pointing upwards, in pixels.
THUMB = ((25, -15), (45, -35), (60, -55), (70, -70))
FINGERS = [(x, y) for x, tip in ((30, -150), (8, -165), (-14, -155), (-35, -130)) for y in np.linspace(-80, tip, 4)]
HAND: Floats = np.add([(0, 0), *THUMB, *FINGERS], (320, 300))
KEYPOINTS = [0, 5, 9, 13, 17, 1, 2]


def reading(*, shift: float = 0.0, presence: float = 0.99) -> HandReading:
    return HandReading(
        points_px=np.add(HAND, (shift, 0.0)),
        depths_px=np.zeros(21),
        world=np.zeros((21, 3)),
        presence=presence,
        right=0.99,
    )


def palm(*, shift: float = 0.0, score: float = 0.9) -> Palm:
    points = np.add(HAND, (shift, 0.0))
    keypoints: Floats = points[KEYPOINTS]
    box = np.concatenate([keypoints.min(axis=0), keypoints.max(axis=0)])
    return Palm(score=score, box_px=box, keypoints_px=keypoints)


class ScriptedReader:
    """Sees what it was told to, and counts."""

    def __init__(self, *, followed: HandReading | None, detected: HandReading | None, max_hands: int = 2) -> None:
        self.options = EngineOptions(max_hands=max_hands)
        self.followed = followed
        self.detected = detected
        self.palm = palm()
        self.searches = self.second_readings = 0

    def palms(self, pixels: Pixels, *, confidence: float) -> list[Palm]:  # noqa: ARG002
        self.searches += 1
        return [] if self.detected is None else [self.palm]

    def of_region(self, pixels: Pixels, region: Region, *, presence: float) -> HandReading | None:  # noqa: ARG002
        return self.followed if self.followed is not None and self.followed.presence >= presence else None

    def of_palm(self, pixels: Pixels, palm: Palm, *, presence: float) -> HandReading | None:  # noqa: ARG002
        self.second_readings += 1
        return self.detected


def run(tracker: RegionTracker, *, seconds: float, certainty: float = 1.0) -> list[FoundHand]:
    hands: list[FoundHand] = []
    for number in range(round(seconds * FPS)):
        hands = list(tracker.find(IMAGE, at_seconds=1000 + number / FPS, sequence=number))
        tracker.rate([certainty] * len(hands))
    return hands


def test_without_a_hand_every_frame_is_searched() -> None:
    reader = ScriptedReader(followed=None, detected=None)

    assert run(RegionTracker(reader), seconds=1) == []
    assert reader.searches == FPS


def test_one_hand_is_followed_while_another_is_looked_for_now_and_then() -> None:
    reader = ScriptedReader(followed=reading(), detected=reading())

    assert len(run(RegionTracker(reader), seconds=4)) == 1
    assert reader.searches <= 4 / SEARCH_EVERY_SECONDS + 1
    assert reader.searches >= 4 / (SEARCH_EVERY_SECONDS + 1 / FPS) - 1
    assert reader.second_readings == 1  # its first


def test_with_all_hands_there_the_detector_only_checks_them() -> None:
    reader = ScriptedReader(followed=reading(), detected=reading(), max_hands=1)

    assert len(run(RegionTracker(reader), seconds=6)) == 1
    assert 3 <= reader.searches <= 6 / CHECK_EVERY_SECONDS + 1


def test_a_doubtful_hand_is_read_again_within_its_budget() -> None:
    for certainty, presence in ((0.4, 0.99), (1.0, 0.7)):
        reader = ScriptedReader(followed=reading(presence=presence), detected=reading(), max_hands=1)

        run(RegionTracker(reader), seconds=4, certainty=certainty)

        assert 8 <= reader.searches <= 4 / DOUBT_EVERY_SECONDS + 1
        assert reader.second_readings == reader.searches


def test_a_hand_that_lies_otherwise_than_detected_is_read_again() -> None:
    reader = ScriptedReader(followed=reading(), detected=reading(), max_hands=1)
    reader.palm = palm(shift=40)

    run(RegionTracker(reader), seconds=3)

    assert reader.second_readings == reader.searches > 1


def test_the_reading_that_the_classifier_is_surer_of_is_kept() -> None:
    good, bad = reading(shift=30), reading()
    reader = ScriptedReader(followed=bad, detected=bad, max_hands=1)

    def judge(hand: FoundHand, *, width: int, height: int) -> float:
        return 0.9 if np.allclose(hand.landmarks[:, 0] * width, good.points_px[:, 0]) else 0.4

    tracker = RegionTracker(reader, judge=judge)
    (before,) = run(tracker, seconds=0.1, certainty=0.4)
    reader.detected = good
    hands = [hand for number in range(12) for hand in tracker.find(IMAGE, at_seconds=1001 + number / FPS, sequence=50)]

    assert any(np.allclose(hand.landmarks[:, 0] * 640, good.points_px[:, 0]) for hand in hands)
    assert {hand.track_id for hand in hands} == {before.track_id}


def test_a_hand_that_is_lost_is_searched_for_in_the_same_frame() -> None:
    reader = ScriptedReader(followed=reading(), detected=reading())
    tracker = RegionTracker(reader)
    (before,) = run(tracker, seconds=0.2)
    reader.followed = reading(presence=0.1)
    searches = reader.searches

    (after,) = tracker.find(IMAGE, at_seconds=1000.2, sequence=6)

    assert reader.searches == searches + 1
    assert after.track_id == before.track_id


def test_two_followed_hands_that_run_together_become_one() -> None:
    reader = ScriptedReader(followed=reading(), detected=reading())
    tracker = RegionTracker(reader)
    run(tracker, seconds=0.1)
    state = tracker.state
    (first,) = state.hands
    doubled = type(first)(region=first.region, track_id=first.track_id + 1)
    tracker.state = type(state)(hands=(first, doubled), searched_at_seconds=state.searched_at_seconds)

    (hand,) = tracker.find(IMAGE, at_seconds=1000.1, sequence=4)

    assert hand.track_id == first.track_id
