"""A broker that has just started is slow: Java compiles what runs often only while it runs."""

from __future__ import annotations

from kafka import KafkaConsumer, KafkaProducer

from broker.clients import kafka_python_options
from broker.topics import admin_client
from settings import Settings

TOPIC = "warm-up"
RECORDS = 4000
RECORD_BYTES = 30_000
POLL_MS = 1000


def warm_broker(settings: Settings) -> None:
    """Send records through the broker, one by one as cameras do, until it works as fast as it will. Takes seconds."""
    with admin_client(settings) as admin:
        admin.create_topics({TOPIC: {"num_partitions": 8, "replication_factor": 1}})
        admin.wait_for_topics([TOPIC])
    producer = KafkaProducer(**kafka_python_options(settings))
    consumer = KafkaConsumer(TOPIC, **kafka_python_options(settings), auto_offset_reset="earliest")
    value = bytes(RECORD_BYTES)
    received = 0
    for _ in range(RECORDS):
        producer.send(TOPIC, value=value)
    producer.flush()
    while received < RECORDS:
        received += sum(map(len, consumer.poll(timeout_ms=POLL_MS, max_records=RECORDS // 40).values()))
    producer.close()
    consumer.close()
    with admin_client(settings) as admin:
        admin.delete_topics([TOPIC])
