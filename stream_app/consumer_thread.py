"""The thread in which Faust's consumer talks to the broker, and what it knows of the ends of the partitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from stream_app.end import End

# Where nothing comes, the broker says so that often. Faust's 1.5 s would leave the age of a rare frame in the dark.
FETCH_WAIT_MS = 250


class FetchingThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Asks the broker more often than Faust would, and tells where the partitions end."""

    _last_assignment: Any = None
    _assignments = 0

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Not among Faust's settings; read when the consumer starts.
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS
        # Faust would process the frames of aborted transactions.
        consumer._isolation_level = "read_committed"
        return consumer

    def ends(self, delivered: Mapping[Any, int]) -> dict[tuple[str, int], End]:
        """What the broker last said of each assigned partition, by topic and number. Always from the same thread.

        delivered: one more than the offset of the last record that was taken from each.
        """
        subscription = None if self._consumer is None else self._consumer._subscription.subscription
        assignment = None if subscription is None else subscription.assignment
        if assignment is not self._last_assignment:
            self._last_assignment = assignment
            self._assignments += 1
        found: dict[tuple[str, int], End] = {}
        if assignment is None:
            return found
        for partition in assignment.tps:
            state = assignment.state_value(partition)
            # The time first: the fetcher writes it last, so that an end is at worst newer than its time says.
            polled_ms, end, read = state.timestamp, state.highwater, state._position
            if polled_ms is not None and end is not None and read is not None:
                found[partition.topic, partition.partition] = End(
                    offset=end,
                    at=polled_ms / 1000,
                    read=read,
                    assignment=self._assignments,
                    records_end=end if read < end else delivered.get((partition.topic, partition.partition), 0),
                )
        return found
