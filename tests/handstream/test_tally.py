"""What a run came to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from events.examples import example_prediction
from events.prediction import NO_GESTURE, Prediction, Status
from handstream.demo.tally import Tally


def seen(gesture: str | None, label: str | None) -> Prediction:
    example = example_prediction()
    hands = () if gesture is None else (replace(example.hands[0], gesture=gesture),)
    return replace(example, hands=hands, label=label)


def tally(*predictions: Prediction, latencies_ms: tuple[int, ...] = ()) -> Tally:
    result = Tally()
    for index, prediction in enumerate(predictions):
        latency = timedelta(milliseconds=latencies_ms[index] if latencies_ms else 5)
        result.add(prediction, received_at=prediction.captured_at + latency)
    return result


def test_accuracy_counts_labelled_frames_only() -> None:
    result = tally(seen("palm", "palm"), seen("fist", "palm"), seen("palm", None), seen(NO_GESTURE, NO_GESTURE))

    assert result.accuracy == pytest.approx(2 / 3)
    assert result.gesture_accuracy == pytest.approx(1 / 2)


def test_no_hand_is_right_where_no_gesture_is_made() -> None:
    assert tally(seen(None, NO_GESTURE)).accuracy == 1.0
    assert tally(seen(None, "palm")).accuracy == 0.0


def test_skipped_frames_are_counted_and_neither_right_nor_late() -> None:
    skipped = replace(seen(None, "palm"), status=Status.STALE)
    result = tally(seen("palm", "palm"), skipped, latencies_ms=(5, 60_000))

    assert (result.predictions, result.stale, result.accuracy) == (2, 1, 1.0)
    assert result.latency_seconds(1.0) == pytest.approx(0.005)


def test_without_labels_or_predictions_there_is_no_figure() -> None:
    assert tally(seen("palm", None)).accuracy is None
    assert Tally().latency_seconds(0.5) is None


def test_quantiles_are_of_the_nearest_rank() -> None:
    result = tally(*[seen("palm", None)] * 100, latencies_ms=tuple(range(1, 101)))

    assert result.latency_seconds(0.50) == pytest.approx(0.050)
    assert result.latency_seconds(0.95) == pytest.approx(0.095)
