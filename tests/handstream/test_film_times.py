"""Gesture events on the clock of a film."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from events.examples import example_gesture_event
from events.gesture import GestureEvent, Phase
from events.prediction import Handedness
from handstream.evaluate.film_times import shown_events

BEGAN_AT = datetime(2026, 1, 2, tzinfo=UTC)


def event(phase: Phase, settled: float, *, started: float = 1.0, track: int | None = 5, **changes: Any) -> GestureEvent:
    def at(seconds: float) -> datetime:
        return BEGAN_AT + timedelta(seconds=seconds)

    return replace(
        example_gesture_event(),
        id=f"{phase}/{settled}/{track}",
        phase=phase,
        settled_at=at(settled),
        started_at=at(started),
        ended_at=at(settled) if phase is Phase.ENDED else None,
        **{"hand": Handedness.RIGHT, "gesture": "like", "track_id": track, **changes},
    )


def spans(*events: GestureEvent) -> list[tuple[float, float | None]]:
    return [(one.started_seconds, one.ended_seconds) for one in shown_events(events, began_at=BEGAN_AT)]


def test_a_start_has_its_end_and_what_comes_twice_counts_once() -> None:
    start, end = event(Phase.STARTED, 1.25), event(Phase.ENDED, 3.5)

    assert spans(start, end, start, end) == [(1.25, 3.5)]
    assert spans(start) == [(1.25, None)]


def test_a_hand_that_is_found_again_may_end_its_gesture_under_another_track() -> None:
    end = event(Phase.ENDED, 3.5, track=9, hand=Handedness.LEFT)

    assert spans(event(Phase.STARTED, 1.25), end) == [(1.25, 3.5)]


def test_two_hands_that_begin_together_end_each_by_itself() -> None:
    starts = [event(Phase.STARTED, 1.25, track=track) for track in (5, 6)]
    ends = [event(Phase.ENDED, 2.0 + track, track=track) for track in (6, 5)]

    assert spans(*starts, *ends) == [(1.25, 7.0), (1.25, 8.0)]


def test_the_same_gesture_later_has_its_own_end() -> None:
    first = [event(Phase.STARTED, 1.25), event(Phase.ENDED, 2.0)]
    second = [event(Phase.STARTED, 4.25, started=4.0), event(Phase.ENDED, 5.0, started=4.0)]

    assert spans(*first, *second) == [(1.25, 2.0), (4.25, 5.0)]
