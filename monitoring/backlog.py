"""What Kafka says of the workers, of frames that wait for them and of dead letters: asked in a thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.topic_reader import Edge, TopicReader, topic_reader
from broker.topics import BrokerError
from events.topics import TopicNames
from monitoring.lag import LagReader
from settings import Settings

log = logging.getLogger("handstream.monitor")

ASK_SECONDS = 1.0
RETRY_SECONDS = 2.0
POLL_SECONDS = 0.2
# A group that rebalances has no members for a moment.
REBALANCE_SECONDS = 6.0
STOP_TIMEOUT_SECONDS = 2.0
# Dead letters are read to be counted, since offsets are no counts; they hold images.
FETCH_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """workers: processes that have their partitions. lag_records: frames not committed, None where unknown.

    dead_letters: written since the watch began.
    """

    workers: int = 0
    lag_records: int | None = None
    dead_letters: int = 0


class BacklogWatch:
    """Asks every `ask_seconds` until it is stopped, and again after the broker was away.

    tell: called in the watch's thread with what was found.
    """

    def __init__(
        self, settings: Settings, *, tell: Callable[[Backlog], None], ask_seconds: float = ASK_SECONDS
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._ask_seconds = ask_seconds
        self._resume: dict[TopicPartition, int] = {}
        self._dead_letters = 0
        self._members_seen_at = float("-inf")
        self._workers = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_TIMEOUT_SECONDS)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch()
            except (BrokerError, KafkaError, OSError) as error:
                log.debug("Consumer-lag query failed", extra={"error": str(error)})
            except Exception:
                log.exception("Consumer-lag query failed, retrying")
            self._stop.wait(RETRY_SECONDS)

    def _watch(self) -> None:
        settings = self._settings
        names = TopicNames(settings.topic_prefix)
        with (
            topic_reader(
                settings, names.dead_letters, fetch_max_bytes=FETCH_BYTES, max_partition_fetch_bytes=FETCH_BYTES
            ) as letters,
            LagReader(settings, group=settings.consumer_group, topic=names.frames) as reader,
        ):
            letters.seek(Edge.LATEST, resume=self._resume)
            self._resume = letters.next_offsets
            while not self._stop.is_set():
                workers = self._steady(reader.members())
                lag = sum(partition.records for partition in reader.read())
                self._tell(Backlog(workers=workers, lag_records=lag, dead_letters=self._dead_letters))
                self._count_dead_letters(letters)

    def _steady(self, members: int) -> int:
        now = time.monotonic()
        if members:
            self._members_seen_at, self._workers = now, members
        elif now - self._members_seen_at > REBALANCE_SECONDS:
            self._workers = 0
        return self._workers

    def _count_dead_letters(self, letters: TopicReader) -> None:
        """Until it is time to ask again."""
        until = time.monotonic() + self._ask_seconds
        while (left := until - time.monotonic()) > 0 and not self._stop.is_set():
            self._dead_letters += len(letters.poll(timeout_seconds=min(left, POLL_SECONDS)))
            self._resume = letters.next_offsets
