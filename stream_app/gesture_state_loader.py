"""Reads back the gestures that the worker before us left in a partition."""

from __future__ import annotations

from typing import Any

from kafka import TopicPartition

from broker.consuming import consumer
from broker.received import STREAM_END_HEADER
from broker.topic_reader import TopicReader
from events.gesture import decode_gesture_event
from events.held import decode_held
from events.prediction import decode_prediction
from events.reason import RecordError
from events.stream_end import StreamEnd, decode_stream_end
from events.topics import TopicNames
from settings import Settings
from stream_app.partition_gestures import GestureHistory, PastPrediction

# More than a worker leaves uncommitted, and more than the hold time: of one camera at 60 fps eight seconds, of fifty
# cameras in one partition ten frames each. What is held for longer stands in the predictions' headers.
RECORDS = 512


class GestureStateLoader:
    """Reads the ends of `predictions` and `gestures`. Raises KafkaError and BrokerError."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def load(self, partition: int) -> GestureHistory:
        names = TopicNames(self._settings.topic_prefix)
        with consumer(self._settings) as client:
            reader = TopicReader(client)
            predictions = reader.last(TopicPartition(names.predictions, partition), count=RECORDS)
            events = reader.last(TopicPartition(names.gestures, partition), count=RECORDS)
        history, event_ids = map(_past, predictions), map(_event_id, events)
        return GestureHistory(
            records=tuple(record for record in history if record is not None),
            event_ids=frozenset(event_id for event_id in event_ids if event_id is not None),
        )


def _past(record: Any) -> PastPrediction | StreamEnd | None:
    try:
        if STREAM_END_HEADER in record.headers:
            return decode_stream_end(value=record.value, headers=record.headers)
        prediction = decode_prediction(record.value)
    except RecordError:  # somebody else's
        return None
    return PastPrediction(prediction=prediction, key=record.key, held=decode_held(record.headers))


def _event_id(record: Any) -> str | None:
    try:
        return None if STREAM_END_HEADER in record.headers else decode_gesture_event(record.value).id
    except RecordError:
        return None
