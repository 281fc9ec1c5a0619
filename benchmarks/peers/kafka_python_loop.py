"""A consumer, MediaPipe and a producer in one loop. Run several in one group to use several cores."""

from __future__ import annotations

import json

from kafka import KafkaConsumer, KafkaProducer

from benchmarks.peers.hands import HandFinder
from benchmarks.peers.options import load_options


def main() -> None:
    options = load_options()
    finder = HandFinder(options)
    consumer = KafkaConsumer(
        options.frames_topic,
        bootstrap_servers=options.broker,
        group_id=options.group,
        auto_offset_reset="earliest",
        key_deserializer=bytes.decode,
    )
    producer = KafkaProducer(
        bootstrap_servers=options.broker,
        key_serializer=str.encode,
        value_serializer=lambda value: json.dumps(value).encode(),
    )
    for record in consumer:
        producer.send(
            options.predictions_topic,
            key=record.key,
            value=finder.find(record.key, record.value, record.timestamp),
        )


if __name__ == "__main__":
    main()
