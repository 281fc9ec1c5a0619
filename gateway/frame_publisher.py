"""Frames of browsers to the topic `frames`: at once or not at all."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from broker.clients import kafka_python_options
from broker.topics import BOOTSTRAP_TIMEOUT_MS, RECORD_OVERHEAD_BYTES
from events.record import Record
from events.stream_end import StreamEnd
from events.topics import TopicNames
from settings import Settings

log = logging.getLogger("handstream.gateway")

Done = Callable[[bool], None]

# A frame that the broker does not have after so long is of no use any more.
DELIVERY_TIMEOUT_MS = 2_000
REQUEST_TIMEOUT_MS = 1_500
METADATA_TIMEOUT_MS = 1_000
RECONNECT_MAX_MS = 1_000
# After a broker that did not answer, the next try waits, and frames are dropped meanwhile.
RETRY_SECONDS = 2.0
MAX_QUEUED = 64
CLOSE_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    record: Record
    partition: int | None
    done: Done


class FramePublisher:
    """Hands records to Kafka in a thread of its own, so that a broker that is away holds up nobody.

    There are no retries: they would turn the order of a camera's frames around, for pictures that are old by then.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = TopicNames(settings.topic_prefix).frames
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._producer: Any = None
        self._retry_at = float("-inf")
        self._thread = threading.Thread(target=self._run, name="frame-publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._jobs.put(None)
        self._thread.join(2 * CLOSE_TIMEOUT_SECONDS)

    def publish(self, record: Record, *, done: Done) -> bool:
        """Send a record. False where too many wait already. done: called from any thread, whether the broker has it."""
        if self._jobs.qsize() >= MAX_QUEUED:
            return False
        self._jobs.put(_Job(record=record, partition=None, done=done))
        return True

    def end_stream(self, *, run: str, source: str, frames: int, at: Any) -> None:
        """Tell whoever reads the stream that nothing more of this run will come. It waits behind whatever is queued."""
        for partition in range(self._settings.partitions):
            end = StreamEnd(
                run=run,
                source=source,
                partition=partition,
                partitions=self._settings.partitions,
                frames=frames,
                ended_at=at,
            )
            self._jobs.put(_Job(record=end.to_record(), partition=partition, done=lambda _: None))

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                self._send(job)
            except Exception as error:
                log.warning("a frame of a browser was not published", extra={"error": str(error)})
                job.done(False)
        self._close()

    def _send(self, job: _Job) -> None:
        if self._producer is None and not self._connect():
            job.done(False)
            return
        try:
            future = self._producer.send(
                self._topic,
                value=job.record.value,
                key=job.record.key,
                headers=list(job.record.headers),
                partition=job.partition,
                timestamp_ms=job.record.timestamp_ms,
            )
        except KafkaError as error:
            log.warning("a topic takes no frames", extra={"topic": self._topic, "error": str(error)})
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._close()
            job.done(False)
            return
        future.add_callback(lambda _: job.done(True))
        future.add_errback(partial(self._failed, job))

    def _failed(self, job: _Job, error: BaseException) -> None:
        log.debug("a frame did not reach the broker", extra={"error": str(error)})
        job.done(False)

    def _connect(self) -> bool:
        if time.monotonic() < self._retry_at:
            return False
        limit = self._settings.max_message_bytes + RECORD_OVERHEAD_BYTES
        try:
            self._producer = KafkaProducer(
                **kafka_python_options(self._settings),
                acks=1,
                enable_idempotence=False,
                retries=0,
                linger_ms=0,
                batch_size=limit,
                max_request_size=2 * limit,
                max_block_ms=METADATA_TIMEOUT_MS,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                delivery_timeout_ms=DELIVERY_TIMEOUT_MS,
                reconnect_backoff_max_ms=RECONNECT_MAX_MS,
                bootstrap_timeout_ms=min(BOOTSTRAP_TIMEOUT_MS, METADATA_TIMEOUT_MS),
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            self._producer.partitions_for(self._topic)
        except KafkaError as error:
            log.debug("no producer", extra={"error": str(error)})
            self._retry_at = time.monotonic() + RETRY_SECONDS
            self._close()
        return self._producer is not None

    def _close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(timeout=CLOSE_TIMEOUT_SECONDS)
        except KafkaError as error:
            log.debug("the producer did not close cleanly", extra={"error": str(error)})
