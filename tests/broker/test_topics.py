from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import MessageSizeTooLargeError

from broker.clients import kafka_python_options
from broker.embedded.ports import free_port
from broker.topics import (
    BrokerUnavailable,
    TopicMismatch,
    admin_client,
    check_broker,
    create_topics,
    topic_specs,
)
from events.topics import TopicNames
from settings import Settings

pytestmark = pytest.mark.broker


@pytest.fixture
def fresh(kafka: Settings, request: pytest.FixtureRequest) -> Settings:
    """Settings whose topics are not there yet."""
    return kafka.model_copy(update={"topic_prefix": f"{request.node.name[:60]}-{free_port()}.", "partitions": 3})


def _configs(settings: Settings, topic: str) -> dict[str, str]:
    with admin_client(settings) as admin:
        found: Any = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    return {name: entry["value"] for name, entry in found[ConfigResourceType.TOPIC.name.lower()][topic].items()}


def test_topics_are_created_once_with_all_that_was_asked(fresh: Settings) -> None:
    names = TopicNames(fresh.topic_prefix)
    assert set(create_topics(fresh)) == set(names.all())
    assert create_topics(fresh) == ()
    with admin_client(fresh) as admin:
        found = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics(list(names.all()))}
    assert found == dict.fromkeys(names.all(), 3)
    for spec in topic_specs(fresh):
        configs = _configs(fresh, spec.name)
        assert {name: configs[name] for name in spec.configs} == spec.configs


def test_frames_predictions_and_dead_letters_of_a_key_share_the_partition_number(settings: Settings) -> None:
    producer = KafkaProducer(**kafka_python_options(settings))
    try:
        for number in range(10):
            key = f"camera-{number}".encode()
            sent = [producer.send(topic, b"x", key=key) for topic in TopicNames(settings.topic_prefix).all()]
            assert len({future.get(timeout=30).partition for future in sent}) == 1
    finally:
        producer.close()


def test_the_greatest_frame_passes_and_a_greater_one_does_not(fresh: Settings) -> None:
    small = fresh.model_copy(update={"max_message_bytes": 100_000})
    create_topics(small)
    topic = TopicNames(small.topic_prefix).frames
    producer = KafkaProducer(**kafka_python_options(small), max_request_size=10_000_000)
    try:
        producer.send(topic, b"\0" * 100_000).get(timeout=30)
        with pytest.raises(MessageSizeTooLargeError):
            producer.send(topic, b"\0" * 200_000).get(timeout=30)
    finally:
        producer.close()
    consumer = KafkaConsumer(
        topic, **kafka_python_options(small), auto_offset_reset="earliest", consumer_timeout_ms=30_000
    )
    assert [len(record.value) for record in itertools.islice(consumer, 1)] == [100_000]
    consumer.close()


def test_other_partitions_than_asked_for_are_reported_and_left(fresh: Settings) -> None:
    create_topics(fresh)
    with pytest.raises(TopicMismatch, match=r"has 3 partitions.*ask for 5.*HANDSTREAM_PARTITIONS=3"):
        create_topics(fresh.model_copy(update={"partitions": 5}))
    assert create_topics(fresh) == ()


def test_several_processes_may_create_them_at_once(fresh: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        created = list(pool.map(lambda _number: create_topics(fresh), range(4)))
    assert {name for names in created for name in names} == set(TopicNames(fresh.topic_prefix).all())


def test_without_a_broker_the_message_names_address_and_way_out() -> None:
    nowhere = Settings.model_validate({"broker": f"127.0.0.1:{free_port()}"})
    for ask in (check_broker, create_topics):
        with pytest.raises(BrokerUnavailable, match=rf"{nowhere.broker}.*handstream broker start.*HANDSTREAM_BROKER"):
            ask(nowhere)
