"""Follows one topic in a thread, and comes back when the broker does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import consumer, partitions_of
from broker.topics import BrokerError, create_topics
from settings import Settings

log = logging.getLogger("handstream.gateway")

POLL_MS = 200
# Who looks at the page wants to know soon that the broker went away.
SILENCE_SECONDS = 1.0
ANSWER_SECONDS = 2.0
RETRY_SECONDS = 1.0
RECONNECT_MAX_MS = 1_000
# What one answer of the broker may hold: the bound of what lies in this thread at once.
FETCH_BYTES = 8 * 1024 * 1024
STOP_TIMEOUT_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerState:
    """fault: what is wrong and the way out, where it does not answer."""

    answers: bool
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is wanted of a topic.

    since_seconds: how far back to begin; None to begin with what comes, also after the broker was away.
    skip_behind: records of a partition that may wait; with more, those between are passed over. None for all.
    """

    topic: str
    since_seconds: float | None = None
    skip_behind: int | None = None


class TopicFollower:
    """take: called in the follower's thread with the records of one look. It may wait, and nothing more is read then.

    tell: called there whenever the broker goes or comes. pause: seconds until the next look after one that brought
    something; a topic of which little is wanted costs less so.
    """

    def __init__(
        self,
        settings: Settings,
        wish: Wish,
        *,
        take: Callable[[Sequence[Any]], None],
        tell: Callable[[BrokerState], None] = lambda _: None,
        pause: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._wish = wish
        self._take = take
        self._tell = tell
        self._pause = pause
        self._clock = clock
        self._positions: dict[TopicPartition, int] = {}
        self._thread = threading.Thread(target=self._run, name=f"follow-{wish.topic}", daemon=True)
        self.stopping = threading.Event()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.stopping.set()
        self._thread.join(STOP_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                fault = str(error) if isinstance(error, BrokerError) else _away(self._settings)
                self._tell(BrokerState(answers=False, fault=fault))
            except Exception as error:
                # A thread that ended would leave a gateway that looks well and shows nothing.
                log.exception("reading a topic failed, trying again", extra={"topic": self._wish.topic})
                self._tell(BrokerState(answers=False, fault=f"reading {self._wish.topic} failed: {error}"))
            self.stopping.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        create_topics(self._settings)
        # The greatest record must fit.
        fetch_bytes = max(FETCH_BYTES, 2 * self._settings.max_message_bytes)
        with consumer(
            self._settings,
            silence_seconds=SILENCE_SECONDS,
            answer_seconds=ANSWER_SECONDS,
            reconnect_backoff_max_ms=RECONNECT_MAX_MS,
            fetch_max_bytes=fetch_bytes,
            max_partition_fetch_bytes=fetch_bytes,
        ) as client:
            partitions = partitions_of(client, self._wish.topic)
            client.assign(partitions)
            self._seek(client, partitions)
            self._tell(BrokerState(answers=True))
            while not self.stopping.is_set():
                polled = client.poll(timeout_ms=POLL_MS)
                if polled:
                    now = time.monotonic()
                    self._note(client, polled)
                    self._take([record for records in polled.values() for record in records])
                    self.stopping.wait(max(0.0, self._pause() - (time.monotonic() - now)))

    def _seek(self, client: Any, partitions: list[TopicPartition]) -> None:
        """Go on where we were; at first, as far back as is wanted."""
        begins, ends = client.beginning_offsets(partitions), client.end_offsets(partitions)
        found: dict[TopicPartition, Any] = {}
        if self._wish.since_seconds is not None:
            since_ms = int((self._clock().timestamp() - self._wish.since_seconds) * 1000)
            found = client.offsets_for_times(dict.fromkeys(partitions, since_ms))
        for partition in partitions:
            at = ends[partition]
            known, young = self._positions.get(partition), found.get(partition)
            if self._wish.since_seconds is not None:
                if known is not None and begins[partition] <= known <= ends[partition]:
                    at = known
                elif young is not None:
                    at = young.offset
            client.seek(partition, at)

    def _note(self, client: Any, polled: dict[TopicPartition, list[Any]]) -> None:
        for partition, records in polled.items():
            self._positions[partition] = records[-1].offset + 1
            end = client.highwater(partition)
            behind = 0 if end is None else end - self._positions[partition]
            if self._wish.skip_behind is not None and behind > self._wish.skip_behind:
                client.seek(partition, end)


def _away(settings: Settings) -> str:
    return (
        f"no Kafka broker answers at {settings.broker}: start one with `handstream broker start`, "
        "or set HANDSTREAM_BROKER to where yours is"
    )
