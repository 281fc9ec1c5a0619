"""A real Kafka, asked about offsets and groups with clients of our own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from broker.clients import kafka_python_options
from broker.consuming import consumer
from broker.topic_reader import TopicReader
from broker.topics import BOOTSTRAP_TIMEOUT_MS
from monitoring.cluster import DEAD, FirstRecord, GroupState, OffsetRange, Partition
from settings import Settings

COORDINATOR_TIMEOUT_SECONDS = 10
REQUEST_TIMEOUT_MS = 10_000
# The first record of a partition comes whole, however large; of frames of the usual size all partitions come at once.
FETCHED_BYTES_PER_PARTITION = 64 * 1024

# A new broker first has to create the topic that it keeps groups and their offsets in.
_PATIENT = retry(
    retry=retry_if_exception_type((CoordinatorNotAvailableError, CoordinatorLoadInProgressError)),
    stop=stop_after_delay(COORDINATOR_TIMEOUT_SECONDS),
    wait=wait_fixed(0.2),
    reraise=True,
)


class KafkaCluster:
    """Keeps its connections; close it. Each call may raise KafkaError."""

    def __init__(self, settings: Settings) -> None:
        self._exit = ExitStack()
        self._admin = KafkaAdminClient(
            **kafka_python_options(settings),
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
        )
        self._exit.callback(self._admin.close)
        try:
            self._consumer = self._exit.enter_context(
                consumer(
                    settings,
                    request_timeout_ms=REQUEST_TIMEOUT_MS,
                    max_partition_fetch_bytes=FETCHED_BYTES_PER_PARTITION,
                )
            )
        except BaseException:
            self.close()
            raise
        self._reader = TopicReader(self._consumer)

    def broker_count(self) -> int:
        brokers = self._admin.describe_cluster()["brokers"]
        return sum(not broker.get("is_fenced", False) for broker in brokers)

    def bounds(self, topics: Sequence[str]) -> Mapping[Partition, OffsetRange]:
        partitions = [
            TopicPartition(described["name"], partition["partition_index"])
            for described in self._admin.describe_topics(list(topics))
            for partition in described["partitions"]
        ]
        if not partitions:
            return {}
        beginnings = self._offsets(partitions, OffsetSpec.EARLIEST)
        ends = self._offsets(partitions, OffsetSpec.LATEST)
        return {
            Partition(place.topic, place.partition): OffsetRange(beginning=beginnings[place], end=ends[place])
            for place in sorted(partitions)
        }

    def group_names(self) -> Sequence[str]:
        return sorted(listed["group_id"] for listed in self._admin.list_groups())

    @_PATIENT
    def group_states(self, groups: Sequence[str]) -> Mapping[str, GroupState]:
        if not groups:
            return {}
        described: Mapping[str, Any] = self._admin.describe_groups(list(groups))
        found = {
            name: GroupState(state=group["group_state"] or DEAD, members=len(group["members"]))
            for name, group in described.items()
        }
        # Groups of the newer protocol are not described in this way, but listed.
        if any(group.state == DEAD for group in found.values()):
            for listed in self._admin.list_groups():
                name, state = listed["group_id"], listed.get("group_state")
                if name in found and found[name].state == DEAD and state not in (None, "", DEAD):
                    found[name] = GroupState(state=state, members=None)
        return found

    @_PATIENT
    def committed(self, groups: Sequence[str]) -> Mapping[str, Mapping[Partition, int]]:
        # One by one: a broker before Kafka 3 answers for a single group.
        return {group: self._committed_by(group) for group in groups}

    def first_records(self, offsets: Mapping[Partition, int]) -> Mapping[Partition, FirstRecord | None]:
        found = self._reader.first({TopicPartition(one.topic, one.number): offset for one, offset in offsets.items()})
        blocked = self._blocked([place for place, record in found.items() if record is None])
        return {
            Partition(place.topic, place.partition): record
            and FirstRecord(offset=record.offset, timestamp_seconds=record.timestamp / 1000)
            for place, record in found.items()
            if place not in blocked
        }

    def _blocked(self, partitions: Sequence[Any]) -> set[Any]:
        """Those with an open transaction: behind its start nothing can be read, and yet records may wait there."""
        if not partitions:
            return set()
        latest, readable = self._offsets(partitions, OffsetSpec.LATEST), self._consumer.end_offsets(partitions)
        return {one for one in partitions if readable[one] < latest[one]}

    def _committed_by(self, group: str) -> dict[Partition, int]:
        found: Mapping[Any, Any] = self._admin.list_group_offsets({group: None})[group]
        return {
            Partition(place.topic, place.partition): known.offset for place, known in found.items() if known.offset >= 0
        }

    def _offsets(self, partitions: Sequence[Any], spec: OffsetSpec) -> dict[Any, int]:
        found = self._admin.list_partition_offsets(dict.fromkeys(partitions, spec))
        return {place: known.offset for place, known in found.items()}

    def close(self) -> None:
        self._exit.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
