"""What belongs to a film's run, and when all of it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Generic, TypeVar

from broker.received import Batch, ReceivedGesture, ReceivedPrediction
from events.examples import example_gesture_event
from events.gesture import GestureEvent
from events.prediction import Prediction
from events.stream_end import StreamEnd
from handstream.evaluate.film_kafka import Answers
from tests.handstream.records import prediction, stream_end

R = TypeVar("R")


class OneBatch(Generic[R]):
    """A Reader of what it was given, once."""

    def __init__(self, *received: R, ends: tuple[StreamEnd, ...] = ()) -> None:
        self._batch = Batch(received=received, ends=ends)

    def read(self, *, timeout_seconds: float) -> Batch[R]:  # noqa: ARG002
        batch, self._batch = self._batch, Batch()
        return batch


def predicted(*each: Prediction) -> list[ReceivedPrediction]:
    return [ReceivedPrediction(prediction=one, value=b"") for one in each]


def told(*each: GestureEvent) -> list[ReceivedGesture]:
    return [ReceivedGesture(event=one, value=b"") for one in each]


def test_only_what_is_of_the_run_counts_and_each_frame_once() -> None:
    answers = Answers("film")
    mine = [prediction(number, run="film") for number in (0, 1, 1)]
    event = replace(example_gesture_event(), run="film")

    heard = answers.read(OneBatch(*predicted(*mine, prediction(7))), OneBatch(*told(event, example_gesture_event())))
    others = answers.read(OneBatch(*predicted(prediction(8))), OneBatch(ends=(stream_end(),)))

    assert (heard, others) == (True, False)
    assert [one.sequence for one in answers.predictions.values()] == [0, 1]
    assert answers.events == [event]
    assert not answers.are_complete


def test_it_is_complete_when_both_topics_have_ended_in_all_partitions() -> None:
    answers = Answers("film")
    ends = [replace(stream_end(run="film", partition=number, partitions=2), frames=9) for number in (0, 1)]
    complete = []
    for predictions, gestures in (((ends[0],), ()), ((ends[0],), (ends[0], ends[1])), ((ends[1],), ())):
        answers.read(OneBatch[ReceivedPrediction](ends=predictions), OneBatch[ReceivedGesture](ends=gestures))
        complete.append(answers.are_complete)

    assert complete == [False, False, True]
    assert answers.published == 9
