"""The figures of a run: latency, and accuracy as a user understands it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from events.examples import example_gesture_event, example_prediction
from events.gesture import GestureEvent, Phase
from events.prediction import NO_GESTURE, Prediction, Status
from handstream.demo.report import live_lines, summary_table
from handstream.demo.tally import Tally

BEGAN = example_prediction().captured_at
FPS = 20


def seen(gesture: str | None, label: str | None, *, number: int = 0) -> Prediction:
    example = example_prediction()
    hands = () if gesture is None else (replace(example.hands[0], gesture=gesture),)
    return replace(
        example, hands=hands, label=label, sequence=number, captured_at=BEGAN + timedelta(seconds=number / FPS)
    )


def film(*stretches: tuple[str, str | None, float]) -> list[Prediction]:
    """Frames of stretches: label, what is named, seconds."""
    frames: list[Prediction] = []
    for label, named, seconds in stretches:
        frames += [seen(named, label, number=len(frames) + index) for index in range(round(seconds * FPS))]
    return frames


def event(gesture: str, *, at: float, until: float | None = None) -> list[GestureEvent]:
    """Settled at a second of the film, and its end where it has one."""
    settled_at = BEGAN + timedelta(seconds=at)
    started = replace(
        example_gesture_event(),
        id=f"{gesture} {at} starts",
        gesture=gesture,
        phase=Phase.STARTED,
        started_at=settled_at - timedelta(seconds=0.25),
        ended_at=None,
        settled_at=settled_at,
    )
    if until is None:
        return [started]
    ended_at = BEGAN + timedelta(seconds=until)
    return [
        started,
        replace(started, id=f"{gesture} {at} ends", phase=Phase.ENDED, ended_at=ended_at, settled_at=ended_at),
    ]


def tally(
    predictions: Sequence[Prediction], events: Sequence[GestureEvent] = (), *, latencies_ms: Sequence[int] = ()
) -> Tally:
    """Events come together with the frame that settles them, or right behind it."""
    result, waiting = Tally(), list(events)
    for index, prediction in enumerate(predictions):
        latency = timedelta(milliseconds=latencies_ms[index] if latencies_ms else 5)
        result.add(prediction, received_at=prediction.captured_at + latency)
        while waiting and waiting[0].settled_at <= prediction.captured_at:
            result.add_event(waiting.pop(0))
    for one in waiting:
        result.add_event(one)
    result.finish()
    return result


def test_held_gestures_hands_at_rest_and_transitions_are_counted_apart() -> None:
    frames = tally(
        film(
            (NO_GESTURE, None, 1.0),  # at rest; without a hand is right
            (NO_GESTURE, "fist", 0.2),  # neither before nor after
            ("palm", NO_GESTURE, 0.1),
            ("palm", "palm", 1.0),
            ("palm", "stop", 0.5),
            ("peace", "palm", 0.1),  # still the gesture before
            ("peace", "peace", 1.0),
        )
    ).score

    assert (frames.transition, frames.transition_misnamed) == (14, 3 + 3)
    assert (frames.rest, frames.rest_right) == (21, 20)
    assert (frames.held, frames.held_right) == (25 + 18, 18 + 18)


def test_unlabelled_frames_are_neither_right_nor_wrong() -> None:
    result = tally([seen("palm", None, number=number) for number in range(100)], event("palm", at=1))

    assert (result.score.held, result.score.rest, result.score.spurious) == (0, 0, 0)
    assert live_lines(result) is None


def test_frames_that_are_processed_twice_count_once_and_skipped_ones_not_at_all() -> None:
    frames = film(("palm", "palm", 2.0))
    skipped = [replace(one, hands=(), status=Status.STALE) for one in frames[10:20]]
    result = tally(
        [*frames[:10], *frames[5:10], *skipped, *frames[20:]], latencies_ms=[5] * 15 + [60_000] * 10 + [5] * 20
    )

    assert (result.predictions, result.stale) == (45, 10)
    assert (result.score.held, result.score.held_right) == (30, 30)
    assert result.latency_seconds(1.0) == pytest.approx(0.005)


def test_an_event_is_correct_missed_or_spurious() -> None:
    frames = film(
        (NO_GESTURE, None, 2.0),
        ("palm", None, 2.0),
        (NO_GESTURE, None, 2.0),
        ("peace", None, 2.0),
        (NO_GESTURE, None, 9),
    )
    events = [
        *event("mute", at=1, until=1.3),  # nobody shows it
        *event("palm", at=2.25, until=3),
        *event("palm", at=3.5, until=4),  # again
        *event("palm", at=7, until=8),  # something else is shown
    ]
    result = tally(frames, events).score

    assert (result.correct, result.missed, result.spurious) == (1, 1, 3)
    assert result.delay_seconds(0.5) == pytest.approx(0.25)
    assert result.seconds == pytest.approx(17, abs=0.1)


def test_an_event_that_comes_before_its_gesture_is_spurious_and_the_gesture_not_missed() -> None:
    frames = film((NO_GESTURE, None, 2.0), ("palm", None, 2.0), (NO_GESTURE, None, 5.0))

    for at, expected in ((1.0, (0, 0, 1)), (1.85, (1, 0, 0))):
        result = tally(frames, event("palm", at=at, until=4)).score
        assert (result.correct, result.missed, result.spurious) == expected


def test_a_gesture_that_is_still_shown_at_the_end_is_not_missed() -> None:
    result = tally(film((NO_GESTURE, None, 5.0), ("palm", None, 0.2))).score

    assert (result.correct, result.missed, result.spurious) == (0, 0, 0)


def test_what_is_remembered_does_not_grow() -> None:
    result = Tally()
    events = [one for second in range(0, 2000, 4) for one in event("palm", at=second + 0.25, until=second + 2)]
    for prediction in film(*[("palm", "palm", 2.0), (NO_GESTURE, None, 2.0)] * 500):
        result.add(prediction, received_at=prediction.captured_at)
        while events and events[0].settled_at <= prediction.captured_at:
            result.add_event(events.pop(0))
    (run,) = result._runs.values()

    assert result.score.correct >= 498
    assert len(run._frames) < 10 * FPS
    assert len(run._events) + len(run._segments) < 10


def test_both_reports_show_the_same_figures() -> None:
    frames = film((NO_GESTURE, "fist", 2.0), ("palm", "palm", 2.0), (NO_GESTURE, None, 9.0))
    result = tally(frames, [*event("fist", at=0.5, until=1), *event("palm", at=2.25, until=4)])
    console = Console(width=120, record=True)
    console.print(summary_table(result, published=1, dead_letters=0, seconds_to_first=1.0))
    console.print(live_lines(result))
    text = console.export_text()

    assert "1.000  (33 of 33)" in text
    assert "1 of 1" in text
    assert "1  (4.6 a minute)" in text
    assert "0.25 s" in text
    assert "held gestures: 100.0% right" in text
    assert "1 correct, 0 missed, 1 spurious" in text


def test_without_labels_or_predictions_there_is_no_figure() -> None:
    assert Tally().latency_seconds(0.5) is None
    console = Console(width=100, record=True)
    console.print(summary_table(tally([seen("palm", None)]), published=1, dead_letters=0, seconds_to_first=None))
    assert "no such frames" in console.export_text()


def test_quantiles_are_of_the_nearest_rank() -> None:
    result = tally([seen("palm", None)] * 100, latencies_ms=range(1, 101))

    assert result.latency_seconds(0.50) == pytest.approx(0.050)
    assert result.latency_seconds(0.95) == pytest.approx(0.095)
