"""Gesture events held against segments, by hand-made data."""

from __future__ import annotations

from evaluation.film.events import JudgedEvents, ShownEvent, Verdict, judge_events
from evaluation.film.segments import Segments
from events.prediction import Handedness
from tests.evaluation.film.films import event, segment, segments

FIST_AND_LIKE = segments((1, 2, "fist"), (3, 4, "like"))


def judged(shown: Segments, *events: ShownEvent) -> JudgedEvents:
    return judge_events(events, shown, film_end_seconds=10, transition_seconds=0.3, late_seconds=0.5)


def verdicts(found: JudgedEvents) -> list[tuple[str, str]]:
    return [(one.event.gesture, one.verdict.value) for one in found.events]


def test_each_segment_with_its_event_in_time() -> None:
    found = judged(FIST_AND_LIKE, event("like", 3.25, 4.5), event("fist", 1.5, 2.25))

    assert verdicts(found) == [("fist", "correct"), ("like", "correct")]
    assert [one.delay_seconds for one in found.events] == [0.5, 0.25]
    assert [one.end_delay_seconds for one in found.events] == [0.25, 0.5]
    assert found.missed == ()


def test_an_event_may_come_a_little_before_the_segment_and_a_little_after_its_end() -> None:
    found = judged(FIST_AND_LIKE, event("fist", 0.75, 1.5), event("like", 4.25, 4.5))

    assert verdicts(found) == [("fist", "correct"), ("like", "late")]
    assert (found.events[0].delay_seconds, found.missed) == (-0.25, ())


def test_a_late_event_is_not_missed() -> None:
    found = judged(FIST_AND_LIKE, event("fist", 1.625, 2), event("like", 3.5, 4))

    assert verdicts(found) == [("fist", "late"), ("like", "correct")]


def test_what_nobody_shows_is_spurious_and_what_has_no_event_is_missed() -> None:
    found = judged(FIST_AND_LIKE, event("like", 1.5, 1.75), event("fist", 2.5, 2.75), event("mute", 3.5, 3.75))

    assert verdicts(found) == [("like", "spurious"), ("fist", "spurious"), ("mute", "spurious")]
    assert [one.label for one in found.missed] == ["fist", "like"]


def test_a_second_event_in_a_segment_repeats_it() -> None:
    found = judged(FIST_AND_LIKE, event("fist", 1.25, 1.5), event("fist", 1.75, 2), event("fist", 5, 6))

    assert verdicts(found) == [("fist", "correct"), ("fist", "repeated"), ("fist", "spurious")]
    assert [one.is_false for one in found.events] == [False, True, True]


def test_each_of_two_segments_of_a_gesture_needs_its_own_event() -> None:
    shown = segments((1, 2, "fist"), (2.25, 3, "fist"))

    once = judged(shown, event("fist", 1.25, 3))
    twice = judged(shown, event("fist", 1.25, 2), event("fist", 2.5, 3))

    assert [one.start_seconds for one in once.missed] == [2.25]
    assert twice.missed == ()
    assert [one.segment.start_seconds for one in twice.events if one.segment] == [1, 2.25]


def test_an_event_between_two_segments_of_its_gesture_belongs_to_the_nearer() -> None:
    shown = segments((1, 2, "fist"), (2.5, 3, "fist"))

    (one,) = judged(shown, event("fist", 2.375, 3)).events

    assert one.segment == segment(2.5, 3, "fist")


def test_a_gesture_that_starts_much_too_early_is_spurious_and_not_missed_as_long_as_it_is_held() -> None:
    held = judged(FIST_AND_LIKE, event("fist", 0.25, 1.5))
    ended = judged(FIST_AND_LIKE, event("fist", 0.25, 0.75))

    assert verdicts(held) == verdicts(ended) == [("fist", "spurious")]
    assert [one.label for one in held.missed] == ["like"]
    assert [one.label for one in ended.missed] == ["fist", "like"]


def test_a_set_is_right_with_any_of_its_gestures() -> None:
    shown = segments((1, 2, "palm+stop"))

    assert verdicts(judged(shown, event("stop", 1.25, 1.5))) == [("stop", "correct")]
    assert verdicts(judged(shown, event("fist", 1.25, 1.5))) == [("fist", "spurious")]


def test_a_set_with_no_gesture_neither_needs_an_event_nor_minds_one() -> None:
    shown = segments((1, 2, "fist+no_gesture"))

    assert judged(shown).missed == ()
    both = judged(shown, event("fist", 1.25, 1.5), event("fist", 1.75, 2), event("one", 1.5, 2))
    assert verdicts(both) == [("fist", "allowed"), ("one", "spurious"), ("fist", "allowed")]


def test_a_segment_of_a_hand_minds_the_hand() -> None:
    left = segment(1, 2, "fist", Handedness.LEFT)
    right = segment(1, 2, "like", Handedness.RIGHT)
    shown = Segments.of([left, right])

    found = judged(shown, event("fist", 1.25, 2, Handedness.LEFT), event("like", 1.25, 2, Handedness.LEFT))

    assert verdicts(found) == [("fist", "correct"), ("like", "spurious")]
    assert found.missed == (right,)


def test_what_is_shown_until_the_film_ends_has_no_end_to_be_late_for() -> None:
    shown = segments((1, 10, "fist"))

    (one,) = judged(shown, event("fist", 1.25, 9.96)).events

    assert (one.verdict, one.end_delay_seconds) == (Verdict.CORRECT, None)


def test_a_gesture_that_the_end_of_the_film_cuts_off_early_is_not_missed() -> None:
    assert judged(segments((9.75, 10, "fist"))).missed == ()
    assert len(judged(segments((9.25, 10, "fist"))).missed) == 1
