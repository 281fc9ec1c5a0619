"""What a model is fitted to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise
from tests.training.hands import hands
from tests.training.small import few_others, labelled, table
from training.hands import Hands
from training.samples import ENOUGH_REAL, SampleSettings, training_sample, view_counts
from training.variation import View, turned_views

NOTHING_ADDED = SampleSettings(views=1, made_up=0.0, rendered=0.0)


def of_sources(*sizes: int) -> Hands:
    points, labels = hands(each=max(1, sum(sizes) // 4 + 1))
    given = labelled(points[: sum(sizes)], labels[: sum(sizes)])
    return replace(given, sources=np.repeat([f"source{number}" for number in range(len(sizes))], sizes))


def no_gesture_hands(count: int) -> Hands:
    points, _ = hands(each=count // 4 + 1)
    return labelled(points[:count], np.full(count, NO_GESTURE))


def test_hands_of_small_sources_are_shown_from_more_views() -> None:
    given = of_sources(160, 40, 2)

    counts = view_counts(given, settings=NOTHING_ADDED)

    assert [{*counts[given.sources == name].tolist()} for name in ("source0", "source1", "source2")] == [{1}, {2}, {6}]
    assert view_counts(given, settings=replace(NOTHING_ADDED, most_views=3)).max() == 3
    assert not view_counts(given, settings=replace(NOTHING_ADDED, views=0)).any()


def test_a_hand_near_a_gesture_is_shown_from_fewer_views() -> None:
    given = replace(no_gesture_hands(8), near=np.array(["fist"] * 3 + [""] * 5))
    settings = replace(NOTHING_ADDED, views=3)

    sample = training_sample(given, others=few_others(3), settings=settings, seed=0)

    assert view_counts(given, settings=settings).tolist() == [1] * 3 + [3] * 5
    assert len(sample.rows) == len(sample.names) == 8 + 3 * 1 + 5 * 3
    np.testing.assert_allclose(sample.rows[:8], features(given.points))


def test_nothing_is_made_up_where_enough_hands_really_make_no_gesture() -> None:
    few, enough = (no_gesture_hands(count) for count in (ENOUGH_REAL - 1, ENOUGH_REAL))
    doubtful = replace(enough, near=np.full(len(enough), "fist"))

    assert [SampleSettings().learning_from(one).made_up > 0 for one in (few, enough, doubtful)] == [True, False, True]


def test_without_real_ones_hands_without_a_gesture_are_made_up_and_rendered() -> None:
    given = table(each=20)

    sample = training_sample(given, others=few_others(40), settings=SampleSettings(), seed=0)

    assert NO_GESTURE not in given.labels
    assert (sample.names == NO_GESTURE).sum() > 10
    assert (sample.names != NO_GESTURE).sum() == 2 * len(given)


def flat_world(points: Floats) -> Floats:
    """Hands (n, 21, 2) as world landmarks of a hand 8 cm in size, flat before the camera."""
    return np.concatenate([normalise(points) * 0.08, np.zeros((len(points), 21, 1))], axis=2)


def test_a_hand_with_world_landmarks_is_turned_in_space() -> None:
    points, _ = hands(each=50)
    still = View(turn_degrees=0, yaw_degrees=0, pitch_degrees=0, noise=0)

    same = turned_views(flat_world(points), view=still, random=np.random.default_rng(0))
    turned = turned_views(flat_world(points), view=replace(still, yaw_degrees=40), random=np.random.default_rng(0))

    np.testing.assert_allclose(same, normalise(points), atol=1e-9)
    # Turned about the upright axis, flat hands become narrower.
    widths = np.ptp(turned[:, :, 0], axis=1) / np.ptp(turned[:, :, 1], axis=1)
    before = np.ptp(same[:, :, 0], axis=1) / np.ptp(same[:, :, 1], axis=1)
    assert np.mean(widths < before) > 0.8


def test_rows_without_world_landmarks_are_varied_in_the_picture() -> None:
    given = table(each=5)
    world = np.full((len(given), 21, 3), np.nan)
    world[: len(given) // 2] = flat_world(given.points[: len(given) // 2])

    sample = training_sample(replace(given, world=world), others=few_others(3), settings=NOTHING_ADDED, seed=0)

    assert np.isfinite(sample.rows).all()
    assert len(sample.rows) == 2 * len(given)
