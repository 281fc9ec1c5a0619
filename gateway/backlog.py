"""What Kafka says of the workers, of frames that wait for them and of dead letters: asked in a thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError

from broker.consuming import consumer, partitions_of
from broker.topics import BrokerError, check_broker
from events.topics import TopicNames
from monitoring.lag import LagReader
from settings import Settings

log = logging.getLogger("handstream.gateway")

ASK_SECONDS = 1.0
RETRY_SECONDS = 2.0
# While partitions are shared out anew, a group has no members for a moment.
REBALANCE_SECONDS = 6.0
STOP_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """workers: processes that have their partitions. lag_records: frames not committed, None where unknown.

    dead_letters: since we began to look.
    """

    workers: int = 0
    lag_records: int | None = None
    dead_letters: int = 0


class BacklogWatch:
    """tell: called in the watch's thread with what was found, some times a minute or once a second."""

    def __init__(self, settings: Settings, *, tell: Callable[[Backlog], None]) -> None:
        self._settings = settings
        self._tell = tell
        self._dead_letters_before: int | None = None
        self._members_seen_at = float("-inf")
        self._workers = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._watch()
            except (BrokerError, KafkaError, OSError) as error:
                log.debug("the backlog is not known", extra={"error": str(error)})
            except Exception:
                log.exception("asking for the backlog failed, trying again")
            self._stop.wait(RETRY_SECONDS)

    def _watch(self) -> None:
        check_broker(self._settings)
        names = TopicNames(self._settings.topic_prefix)
        with (
            LagReader(self._settings, group=self._settings.consumer_group, topic=names.frames) as reader,
            consumer(self._settings) as client,
        ):
            while not self._stop.is_set():
                workers = self._steady(reader.members())
                lag = sum(partition.records for partition in reader.read())
                letters = self._dead_letters(client, names.dead_letters)
                self._tell(Backlog(workers=workers, lag_records=lag, dead_letters=letters))
                self._stop.wait(ASK_SECONDS)

    def _steady(self, members: int) -> int:
        now = time.monotonic()
        if members:
            self._members_seen_at, self._workers = now, members
        elif now - self._members_seen_at > REBALANCE_SECONDS:
            self._workers = 0
        return self._workers

    def _dead_letters(self, client: Any, topic: str) -> int:
        total = sum(client.end_offsets(partitions_of(client, topic)).values())
        if self._dead_letters_before is None or total < self._dead_letters_before:
            self._dead_letters_before = total
        return int(total - self._dead_letters_before)
