"""Frames and events of films as figures."""

from __future__ import annotations

from dataclasses import replace
from math import isnan

import pytest
from scipy.stats import chi2

from evaluation.film.figures import Rules, StreamEvaluation
from evaluation.film.frames import judge_frames
from evaluation.film.per_minute import PerMinute
from evaluation.film.segments import Segments
from events.prediction import Handedness
from tests.evaluation.film.films import event, film, frame, segment, segments

RULES = Rules(transition_seconds=0.25, late_seconds=0.5)


def test_frames_within_outside_and_in_transition() -> None:
    # A fist from 1.0 s to 2.0 s; in transition are 0.8 to 1.2 s and 1.8 to 2.2 s.
    shown = segments((1.0, 2.0, "fist"))
    named = "nnnn-f-nlfnlffl-ffnffllnnnnnnf"

    found = StreamEvaluation.of([film(named, shown)], RULES).figures.frames

    assert (found.shown.hits, found.shown.total) == (3, 5)
    assert (found.shown_found.hits, found.shown_found.total) == (3, 4)
    assert (found.other.hits, found.other.total) == (2, 15)
    assert (found.other_found.hits, found.other_found.total) == (2, 13)
    assert (found.transition.hits, found.transition.total) == (4, 10)


def test_of_a_hand_named_in_a_segment_only_that_hand_counts() -> None:
    shown = Segments.of([segment(0, 1, "fist", Handedness.LEFT), segment(0, 1, "like", Handedness.RIGHT)])
    frames = [frame(0, "like", "fist"), frame(1, "fist", "like"), frame(2, "like")]

    judged = judge_frames(frames, shown, film="film.mp4", transition_seconds=0)

    said = [(one.sequence, one.label, one.said, one.is_right) for one in judged.outcomes]
    assert said == [
        (0, "fist", "fist", True),
        (0, "like", "like", True),
        (1, "fist", "like", False),
        (1, "like", "fist", False),
        (2, "fist", "no hand", False),
        (2, "like", "like", True),
    ]


def test_a_set_with_no_gesture_counts_among_the_other_frames() -> None:
    shown = segments((0, 2, "fist+no_gesture"))

    found = StreamEvaluation.of([film("ffffnnnn-lll", shown)], RULES)

    assert (found.figures.frames.other.hits, found.figures.frames.other.total) == (3, 12)
    assert found.figures.frames.shown.total == 0
    assert found.frames.confusion.labels == ("fist+no_gesture",)


def test_events_of_several_films_together_and_apart() -> None:
    first = film("n" * 50, segments((1, 2, "fist"), (3, 4, "like")), event("fist", 1.75, 2), event("one", 2.5, 3))
    second = film("n" * 250, Segments(), event("mute", 1, 2), event("mute", 3, 4), name="office.mp4")

    found = StreamEvaluation.of([first, second], RULES)

    together = found.figures.events
    assert (together.detected.hits, together.detected.total, together.missed) == (1, 2, 1)
    assert (together.late.hits, together.late.total) == (1, 1)
    assert together.delay.median_seconds == together.delay.p95_seconds == 0.75
    assert together.false_per_minute.count == 3
    assert together.false_per_minute.value == pytest.approx(6)
    apart = {one.film.name: one.figures.events for one in found.films}
    assert apart["film.mp4"].false_per_minute.value == pytest.approx(12)
    assert apart["office.mp4"].false_per_minute.value == pytest.approx(4.8)
    assert (apart["office.mp4"].detected.total, isnan(apart["office.mp4"].delay.median_seconds)) == (0, True)


def test_the_stream_is_compared_with_the_same_frames_as_stills() -> None:
    one = film("fffflllnn", segments((0, 5, "fist")), stills="fffffff--")

    found = StreamEvaluation.of([one], RULES).figures.stills

    assert found is not None
    assert (found.stream.hits, found.stills.hits, found.stream.total) == (4, 7, 9)
    assert (found.only_stream, found.only_stills) == (0, 3)


def test_a_frame_without_an_outcome_is_not_compared() -> None:
    one = film("ffff", segments((0, 5, "fist")), stills="ffff")
    lost = replace(one, frames=one.frames[:2] + one.frames[3:])

    found = StreamEvaluation.of([lost], RULES).figures.stills

    assert found is not None
    assert found.stream.total == found.stills.total == 3


def test_a_film_without_frames_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="none could be read"):
        StreamEvaluation.of([film("", Segments())], RULES)


def test_a_film_that_is_all_transition_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="--transition-seconds"):
        StreamEvaluation.of([film("fff", segments((0.1, 0.2, "fist")))], Rules(transition_seconds=1))


@pytest.mark.parametrize("count", [0, 1, 12])
def test_the_interval_of_a_rate_is_the_exact_one_of_a_poisson_count(count: int) -> None:
    found = PerMinute(count=count, seconds=30)

    assert found.value == 2 * count
    assert found.low == pytest.approx(0 if not count else chi2.ppf(0.025, 2 * count))
    assert found.high == pytest.approx(chi2.ppf(0.975, 2 * (count + 1)))
    assert isnan(PerMinute(count=0, seconds=0).value)
