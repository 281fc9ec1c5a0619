"""Both engines find a real-looking hand with the real landmark model, which `make setup` fetches."""

from __future__ import annotations

import locale
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import get_args

import numpy as np
import pytest

from events.prediction import MAX_HANDS
from imaging.decoding import Pixels, decode
from producers.synthetic import render_still
from recognition.engine.loading import load_engine
from recognition.engine.mediapipe_engine import MediaPipeEngine
from recognition.engine.openvino_engine import OpenVinoEngine
from recognition.engine.options import EngineKind, EngineOptions
from recognition.engine.precision import Precision
from recognition.engine.protocol import HandEngine, HandTracker
from recognition.engine.tracking import REMEMBER_SECONDS
from recognition.found_hand import FoundHand
from settings import Settings, SettingsError, load_settings

FRAME_SECONDS = 1 / 30


@pytest.fixture(scope="module")
def palm() -> Pixels:
    return decode(render_still(gesture="palm", seed=3))


@pytest.fixture(scope="module", params=list(EngineKind))
def engine(request: pytest.FixtureRequest) -> Iterator[HandEngine]:
    engine = load_engine(EngineOptions(kind=request.param))
    yield engine
    engine.close()


@pytest.fixture
def tracker(engine: HandEngine) -> Iterator[HandTracker]:
    tracker = engine.tracker()
    yield tracker
    tracker.close()


def still(engine: HandEngine, pixels: Pixels) -> list[FoundHand]:
    return list(engine.find(pixels, detection_confidence=0.5, presence_confidence=0.5))


def follow(tracker: HandTracker, pixels: Pixels, frames: range, *, start_seconds: float = 1e9) -> list[list[FoundHand]]:
    return [
        list(tracker.find(pixels, at_seconds=start_seconds + number * FRAME_SECONDS, sequence=number))
        for number in frames
    ]


def beside(*images: Pixels) -> Pixels:
    return np.ascontiguousarray(np.concatenate(images, axis=1))


def test_a_hand_has_21_points_within_the_image_and_in_metres(engine: HandEngine, palm: Pixels) -> None:
    (found,) = still(engine, palm)

    assert found.landmarks.shape == (21, 3)
    assert found.landmarks[:, :2].min() > 0
    assert found.landmarks[:, :2].max() < 1
    assert 0.5 < found.score <= 1
    assert found.track_id is None
    assert found.world_landmarks is not None
    # From the wrist to the tip of the middle finger.
    assert 0.1 < np.linalg.norm(found.world_landmarks[12] - found.world_landmarks[0]) < 0.25


def test_the_mirrored_image_shows_the_other_hand(engine: HandEngine, palm: Pixels) -> None:
    (one,) = still(engine, palm)
    (other,) = still(engine, np.ascontiguousarray(palm[:, ::-1]))

    assert one.handedness != other.handedness
    np.testing.assert_allclose(other.landmarks[:, 0], 1 - one.landmarks[:, 0], atol=0.05)


def test_an_empty_image_shows_no_hand(engine: HandEngine) -> None:
    assert still(engine, np.full((480, 640, 3), 90, dtype=np.uint8)) == []


def test_times_that_stand_still_or_fall_back_are_no_fault(tracker: HandTracker, palm: Pixels) -> None:
    for sequence, at_seconds in enumerate((1.0, 1.0, 1.033, 0.02, 0.0, 1.066)):
        assert len(tracker.find(palm, at_seconds=at_seconds, sequence=sequence)) == 1


def test_a_hand_that_moved_far_while_frames_were_left_out_is_found_again(tracker: HandTracker, palm: Pixels) -> None:
    empty = np.full_like(palm, 90)
    assert [len(hands) for hands in follow(tracker, beside(palm, empty), range(5))] == [1] * 5

    found = follow(tracker, beside(empty, palm), range(5, 9), start_seconds=1e9 + 60)

    assert [len(hands) for hands in found[2:]] == [1, 1]
    assert found[-1][0].landmarks[:, 0].min() > 0.5


def test_a_hand_keeps_its_track_id_and_each_has_its_own(tracker: HandTracker, palm: Pixels) -> None:
    found = follow(tracker, beside(palm[:, ::-1], palm), range(8))

    assert [len(hands) for hands in found] == [2] * 8
    ids = {tuple(sorted((hand.track_id, hand.landmarks[0, 0] < 0.5) for hand in hands)) for hands in found}
    assert len(ids) == 1
    assert len({track_id for track_id, _ in ids.pop()}) == 2


def test_a_second_hand_is_found_within_half_a_second(tracker: HandTracker, palm: Pixels) -> None:
    empty = np.full_like(palm, 90)
    assert [len(hands) for hands in follow(tracker, beside(palm, empty), range(5))] == [1] * 5

    found = follow(tracker, beside(palm, palm[:, ::-1]), range(5, 5 + 15))

    assert len(found[-1]) == 2


def test_a_hand_that_is_hidden_for_a_moment_keeps_its_track_id(tracker: HandTracker, palm: Pixels) -> None:
    empty = np.full_like(palm, 90)
    ((before, *_), *_) = follow(tracker, palm, range(3))
    moment = int(REMEMBER_SECONDS / FRAME_SECONDS) // 2
    hidden = follow(tracker, empty, range(3, 3 + moment))
    ((after, *_), *_) = follow(tracker, palm, range(3 + moment, 6 + moment))
    follow(tracker, empty, range(20, 60))
    ((later, *_), *_) = follow(tracker, palm, range(60, 62))

    assert hidden[-1] == []
    assert before.track_id == after.track_id
    assert later.track_id != before.track_id


def test_two_trackers_never_give_the_same_id_to_frames_of_one_run(engine: HandEngine, palm: Pixels) -> None:
    """A worker that takes a camera over goes on at a later frame."""
    first, second = engine.tracker(), engine.tracker()
    before = {hand.track_id for hands in follow(first, palm, range(4)) for hand in hands}
    after = {hand.track_id for hands in follow(second, palm, range(4, 8)) for hand in hands}

    assert before.isdisjoint(after)


def test_as_many_hands_are_found_as_were_asked_for(palm: Pixels) -> None:
    four = np.concatenate([beside(palm, palm[:, ::-1]), beside(palm[:, ::-1], palm)])
    counts = []
    for max_hands in (1, 2, MAX_HANDS):
        engine = load_engine(EngineOptions(max_hands=max_hands))
        counts.append((len(still(engine, four)), len(follow(engine.tracker(), four, range(3))[-1])))

    assert counts == [(1, 1), (2, 2), (4, 4)]


def test_engines_that_are_loaded_at_once_leave_the_locale_alone() -> None:
    before = locale.setlocale(locale.LC_ALL)
    with ThreadPoolExecutor(max_workers=4) as pool:
        for loading in [pool.submit(load_engine, EngineOptions()) for _ in range(8)]:
            loading.result()

    assert locale.setlocale(locale.LC_ALL) == before


def test_the_settings_offer_what_there_is() -> None:
    fields = Settings.model_fields

    assert get_args(fields["engine"].annotation) == tuple(EngineKind)
    assert get_args(fields["precision"].annotation) == tuple(Precision)


def test_the_engine_of_the_settings_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_ENGINE", "mediapipe")
    with closing(load_engine()) as engine:
        assert isinstance(engine, MediaPipeEngine)
    with closing(load_engine(settings=Settings(engine="openvino", cache_dir=load_settings().cache_dir))) as engine:
        assert isinstance(engine, OpenVinoEngine)


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_ENGINE", "torch")
    with pytest.raises(SettingsError, match="HANDSTREAM_ENGINE: must be 'openvino' or 'mediapipe', not 'torch'"):
        load_engine()
