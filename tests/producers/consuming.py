"""Reads what a producer wrote."""

from __future__ import annotations

import time
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from broker.clients import kafka_python_options
from events.frame import Frame, decode_frame
from events.stream_end import STREAM_END_TYPE, StreamEnd, decode_stream_end
from events.topics import TopicNames
from settings import Settings

TIMEOUT_SECONDS = 30.0


def read_until_ends(settings: Settings, *, runs: int = 1) -> tuple[list[Any], list[tuple[int, StreamEnd]]]:
    """All frame records, and the stream ends with their partitions, once every partition holds the ends of all runs."""
    consumer = KafkaConsumer(**kafka_python_options(settings), enable_auto_commit=False)
    try:
        topic = TopicNames(settings.topic_prefix).frames
        partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        frames: list[Any] = []
        ends: list[tuple[int, StreamEnd]] = []
        until = time.monotonic() + TIMEOUT_SECONDS
        while len(ends) < runs * settings.partitions and time.monotonic() < until:
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    if dict(record.headers)["ce_type"] == STREAM_END_TYPE.encode():
                        ends.append((record.partition, decode_stream_end(value=record.value, headers=record.headers)))
                    else:
                        frames.append(record)
        return frames, ends
    finally:
        consumer.close()


def wait_for_frames(settings: Settings) -> None:
    """Until the first record is there. Raises TimeoutError."""
    consumer = KafkaConsumer(**kafka_python_options(settings), enable_auto_commit=False)
    try:
        topic = TopicNames(settings.topic_prefix).frames
        partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
        until = time.monotonic() + TIMEOUT_SECONDS
        while not any(consumer.end_offsets(partitions).values()):
            if time.monotonic() > until:
                raise TimeoutError(f"no frame came to {topic} in {TIMEOUT_SECONDS} s")
            time.sleep(0.1)
    finally:
        consumer.close()


def frame_of(record: Any) -> Frame:
    return decode_frame(key=record.key, value=record.value, headers=record.headers)
