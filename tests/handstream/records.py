"""Records for the tests of what reads predictions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kafka import KafkaProducer

from broker.clients import kafka_python_options
from events.examples import example_prediction, example_stream_end
from events.frame import Mode
from events.prediction import Prediction
from events.record import Record
from events.stream_end import StreamEnd
from settings import Settings


def prediction(sequence: int = 0, **changes: Any) -> Prediction:
    """A prediction of a still picture with its own id, with these fields instead of the example's."""
    changes = {"mode": Mode.STILL, "run": "run", **changes}
    return replace(example_prediction(), id=f"frames/0/{sequence}", sequence=sequence, **changes)


def stream_end(*, run: str = "run", partition: int = 0, partitions: int = 1) -> StreamEnd:
    return replace(example_stream_end(), run=run, partition=partition, partitions=partitions)


def publish(settings: Settings, topic: str, records: Iterable[Record], *, partition: int | None = None) -> None:
    """Write records, all to this partition where one is named, and wait until the broker has them."""
    producer = KafkaProducer(**kafka_python_options(settings))
    try:
        sent = [
            producer.send(
                topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                timestamp_ms=record.timestamp_ms,
                partition=partition,
            )
            for record in records
        ]
        producer.flush()
        for future in sent:
            future.get()
    finally:
        producer.close()


def publish_in_transaction(
    settings: Settings, topic: str, records: Iterable[Record], *, partition: int, commit: bool = True
) -> None:
    """Write records as an exactly-once client does; a marker follows them in the partition."""
    producer = KafkaProducer(**kafka_python_options(settings), transactional_id=f"test-{uuid.uuid4().hex}")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        for record in records:
            producer.send(
                topic,
                key=record.key,
                value=record.value,
                headers=list(record.headers),
                timestamp_ms=record.timestamp_ms,
                partition=partition,
            )
        producer.flush()
        if commit:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    finally:
        producer.close()


def publish_predictions(settings: Settings, predictions: Iterable[Prediction]) -> None:
    records = (one.to_record(key=one.camera.encode()) for one in predictions)
    publish(settings, f"{settings.topic_prefix}predictions", records)


def publish_ends(settings: Settings, *, run: str = "run") -> None:
    """The markers of all partitions."""
    for partition in range(settings.partitions):
        marker = stream_end(run=run, partition=partition, partitions=settings.partitions)
        publish(settings, f"{settings.topic_prefix}predictions", [marker.to_record()], partition=partition)
