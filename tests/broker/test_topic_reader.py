"""Topics whose offsets have gaps: markers of transactions, aborted transactions, deleted records."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from kafka import TopicPartition

from broker.topic_reader import Edge, TopicReader, topic_reader
from broker.topics import admin_client
from events.record import Record
from events.topics import TopicNames
from settings import Settings
from tests.handstream.records import publish, publish_in_transaction

pytestmark = pytest.mark.broker


def records(*numbers: int) -> list[Record]:
    return [Record(key=None, value=b"%d" % number, headers=()) for number in numbers]


def values(found: object) -> list[int]:
    assert isinstance(found, (list, Iterator))
    return [int(one.value) for one in found]


@pytest.fixture
def partition(settings: Settings) -> TopicPartition:
    """Offsets 0 1 2, a marker, 4 5 of an aborted transaction, its marker: 7 offsets, 3 records."""
    topic = TopicNames(settings.topic_prefix).predictions
    publish_in_transaction(settings, topic, records(0, 1, 2), partition=0)
    publish_in_transaction(settings, topic, records(4, 5), partition=0, commit=False)
    return TopicPartition(topic, 0)


def test_a_topic_that_ends_with_an_aborted_transaction_is_read_to_its_end(
    settings: Settings, partition: TopicPartition
) -> None:
    with topic_reader(settings, partition.topic) as reader:
        ends = reader.ends()
        assert ends[partition] == 7
        assert values(reader.scan(partition, begin=0, end=7)) == [0, 1, 2]
        assert values(reader.scan_all(reader.beginnings(), ends)) == [0, 1, 2]
        assert values(reader.pick(partition, range(1, 6), end=7)) == [1, 2]
        assert values(reader.last(partition, count=2)) == [1, 2]
        assert values(reader.last(partition, count=9)) == [0, 1, 2]
        assert {one.offset if one else None for one in reader.first({partition: 1}).values()} == {1}
        assert reader.first({partition: 3}) == {partition: None}

        reader.seek(Edge.EARLIEST)
        assert followed(reader, ends) == [0, 1, 2]


def test_following_goes_on_where_it_was_left(settings: Settings, partition: TopicPartition) -> None:
    with topic_reader(settings, partition.topic) as reader:
        reader.seek(Edge.EARLIEST)
        followed(reader, reader.ends())
        resume = reader.next_offsets
    publish(settings, partition.topic, records(7), partition=0)
    with topic_reader(settings, partition.topic) as reader:
        reader.seek(Edge.EARLIEST, resume=resume)
        assert followed(reader, reader.ends()) == [7]
        reader.seek(Edge.EARLIEST, resume={partition: 99})
        assert followed(reader, reader.ends()) == [0, 1, 2, 7]
        reader.seek(Edge.LATEST)
        assert reader.has_reached(reader.ends())
        assert reader.poll(timeout_seconds=0.2) == []


def test_scans_of_two_partitions_may_be_interleaved_and_deleted_records_are_left_out(
    settings: Settings, partition: TopicPartition
) -> None:
    other = TopicPartition(partition.topic, 1)
    publish(settings, partition.topic, records(10, 11, 12), partition=1)
    with admin_client(settings) as admin:
        admin.delete_records({other: 1})
    with topic_reader(settings, partition.topic) as reader:
        one, two = reader.scan(partition, begin=0, end=7), reader.scan(other, begin=0, end=3)
        assert [int(next(scan).value) for scan in (one, two, one, two)] == [0, 11, 1, 12]
        assert values(one) == [2]
        assert values(two) == []


def followed(reader: TopicReader, ends: dict[TopicPartition, int]) -> list[int]:
    found = []
    deadline = time.monotonic() + 20
    while not reader.has_reached(ends):
        assert time.monotonic() < deadline
        found += values(reader.poll(timeout_seconds=0.1))
    return found
