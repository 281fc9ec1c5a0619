"""Follows topics in a thread, and reconnects when the broker is back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import consumer
from broker.topic_reader import Edge, TopicReader
from broker.topics import BrokerError, create_topics
from settings import Settings

log = logging.getLogger("handstream.gateway")

POLL_SECONDS = 0.2
# Viewers of the page should learn soon that the broker is away.
SILENCE_SECONDS = 1.0
ANSWER_SECONDS = 2.0
RETRY_SECONDS = 1.0
RECONNECT_MAX_MS = 1_000
# What one answer of the broker may hold: the bound of what lies in this thread at once.
FETCH_BYTES = 8 * 1024 * 1024
STOP_TIMEOUT_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerStatus:
    """fault: what is wrong and the way out, where it does not answer."""

    answers: bool
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What is wanted of some topics.

    since_seconds: how far back to begin; None to begin with what comes, also after the broker was away.
    max_behind: offsets of a partition that may be left to read; with more, reading goes on at its end. None: no limit.
    """

    topics: tuple[str, ...]
    since_seconds: float | None = None
    max_behind: int | None = None


class TopicFollower:
    """take: called in the follower's thread with the records of one poll. It may wait, and nothing more is read then.

    tell: called there whenever the broker becomes reachable or unreachable. pause: seconds from a poll that brought
    something until the next; longer pauses make a topic cheaper to follow.
    """

    def __init__(
        self,
        settings: Settings,
        subscription: Subscription,
        *,
        take: Callable[[Sequence[Any]], None],
        tell: Callable[[BrokerStatus], None] = lambda _: None,
        pause: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._subscription = subscription
        self._take = take
        self._tell = tell
        self._pause = pause
        self._clock = clock
        self._resume: dict[TopicPartition, int] = {}
        self._thread = threading.Thread(target=self._run, name=f"follow-{subscription.topics[0]}", daemon=True)
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
                self._tell(BrokerStatus(answers=False, fault=fault))
            except Exception as error:
                # If the thread ended, the gateway would look healthy and show nothing.
                log.exception("reading a topic failed, trying again", extra={"topics": self._subscription.topics})
                self._tell(
                    BrokerStatus(answers=False, fault=f"reading {', '.join(self._subscription.topics)} failed: {error}")
                )
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
            reader = TopicReader(client, *self._subscription.topics)
            self._seek(reader)
            self._tell(BrokerStatus(answers=True))
            while not self.stopping.is_set():
                records = reader.poll(timeout_seconds=POLL_SECONDS)
                if records:
                    now = time.monotonic()
                    if self._subscription.max_behind is not None:
                        reader.skip_backlog(max_offsets=self._subscription.max_behind)
                    self._resume = reader.next_offsets
                    self._take(records)
                    self.stopping.wait(max(0.0, self._pause() - (time.monotonic() - now)))

    def _seek(self, reader: TopicReader) -> None:
        """Go on where we were; at first, as far back as is wanted."""
        if self._subscription.since_seconds is None:
            reader.seek(Edge.LATEST)
        else:
            since = self._clock() - timedelta(seconds=self._subscription.since_seconds)
            reader.seek(since, resume=self._resume)


def _away(settings: Settings) -> str:
    return (
        f"no Kafka broker answers at {settings.broker}: start one with `handstream broker start`, "
        "or set HANDSTREAM_BROKER to where yours is"
    )
