"""Records to the topic `frames`, through kafka-python."""

from __future__ import annotations

import contextlib
from types import TracebackType
from typing import Any, Final

from kafka import KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, RetriableError

from broker.clients import kafka_python_options
from broker.topics import BOOTSTRAP_TIMEOUT_MS, RECORD_OVERHEAD_BYTES, BrokerError, BrokerUnavailable, admin_client
from events.record import Record
from events.topics import TopicNames
from producers.sink import Done, RecordRefused, SinkBroken
from settings import Settings

_LIMIT: Final = "max.message.bytes"
# A frame leaves at once; while a batch is on its way the next ones gather, and larger batches cost fewer requests.
_BATCH_BYTES: Final = 1024 * 1024
_REQUEST_BYTES: Final = 8 * 1024 * 1024
_METADATA_TIMEOUT_MS: Final = 10_000
_RECONNECT_MAX_MS: Final = 2_000
# As long as it takes: whoever publishes decides when to give up, and what to drop while the broker is away.
_FOREVER_MS: Final = 2**31 - 1


class KafkaSink:
    """A Sink into Kafka: acknowledged by all replicas, retried without duplicates and in order, never compressed.

    The caller bounds what is in flight. Raises BrokerError where the broker or the topic cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = TopicNames(settings.topic_prefix).frames
        # Asking first matters: one record that the broker refuses for its size ends an idempotent producer for good.
        self._partition_count, limit = self._look_up_topic()
        self._max_value_bytes = min(settings.max_message_bytes, max(0, limit - RECORD_OVERHEAD_BYTES))
        self._producer: Any = None
        try:
            self._producer = KafkaProducer(
                **kafka_python_options(settings),
                acks="all",
                enable_idempotence=True,
                delivery_timeout_ms=_FOREVER_MS,
                linger_ms=0,
                batch_size=min(_BATCH_BYTES, limit),
                max_request_size=max(_REQUEST_BYTES, limit),
                max_block_ms=_METADATA_TIMEOUT_MS,
                reconnect_backoff_max_ms=_RECONNECT_MAX_MS,
                bootstrap_timeout_ms=BOOTSTRAP_TIMEOUT_MS,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            self._producer.partitions_for(self._topic)  # so that no send() has to wait for it
        except KafkaError as error:
            self.close(timeout_seconds=0)
            raise BrokerUnavailable(f"cannot write to topic {self._topic} at {settings.broker}: {error}") from error

    @property
    def max_value_bytes(self) -> int:
        return self._max_value_bytes

    @property
    def partition_count(self) -> int:
        return self._partition_count

    def send(self, record: Record, *, done: Done, partition: int | None = None) -> None:
        try:
            future = self._producer.send(
                self._topic,
                value=record.value,
                key=record.key,
                headers=list(record.headers),
                partition=partition,
                timestamp_ms=record.timestamp_ms,
            )
        except KafkaError as error:
            done(SinkBroken(f"topic {self._topic} at {self._settings.broker} takes no frames: {error}"))
            return
        future.add_callback(lambda _: done(None))
        future.add_errback(lambda error: done(self._fault(error)))

    def close(self, *, timeout_seconds: float) -> None:
        if self._producer is None:
            return
        try:
            self._producer.close(timeout=timeout_seconds)
        except KafkaError:
            # kafka-python gives up halfway when it cannot flush in time, and its thread would go on for ever.
            self._producer._sender.force_close()
            with contextlib.suppress(KafkaError):
                self._producer.close(timeout=1)

    def __enter__(self) -> KafkaSink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(timeout_seconds=0)

    def _look_up_topic(self) -> tuple[int, int]:
        """How many partitions it has, and the bytes of the greatest record."""
        with admin_client(self._settings) as admin:
            partitions = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
        if self._topic not in partitions:
            raise BrokerError(f"there is no topic {self._topic} at {self._settings.broker}; create the topics first")
        resource = ConfigResource(ConfigResourceType.TOPIC, self._topic, configs={_LIMIT: None})
        limit = self._settings.max_message_bytes + RECORD_OVERHEAD_BYTES
        # Not everyone who may write may read the configuration: then our own limit must do.
        with contextlib.suppress(BrokerError, KeyError), admin_client(self._settings) as admin:
            found = admin.describe_configs([resource], config_filter="all")
            limit = int(found["topic"][self._topic][_LIMIT]["value"])
        return partitions[self._topic], limit

    def _fault(self, error: BaseException) -> BrokerError:
        if isinstance(error, RetriableError):
            return RecordRefused(f"the broker at {self._settings.broker} did not store a frame: {error}")
        return SinkBroken(f"the broker at {self._settings.broker} stores no frames in {self._topic}: {error}")
