"""Watching the outcomes arrive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError
from rich.console import Console
from rich.live import Live

from broker.consuming import consumer, partitions_of
from events.topics import TopicNames
from handstream.demo.report import live_lines
from handstream.demo.tally import Tally
from handstream.live_table import LiveTable
from handstream.tail.batch import ReceivedGesture, decode_gestures
from handstream.tail.reader import RecordReader, TopicReader
from handstream.tail.start import Edge
from monitoring.lag import LagReader
from settings import Settings

POLL_SECONDS = 0.1
REFRESH_SECONDS = 0.125
BACKLOG_SECONDS = 0.5


class Backlog:
    """What Kafka says of frames not yet processed and of dead letters, asked in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)
        self.lag: int | None = None
        self.workers = 0
        self.dead_letters = 0
        self._fault: Exception | None = None

    def raise_fault(self) -> None:
        """Raise what ended the thread, if anything did."""
        if self._fault is not None:
            raise self._fault

    def __enter__(self) -> Backlog:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        try:
            self._ask()
        except Exception as fault:
            self._fault = fault

    def _ask(self) -> None:
        names = TopicNames(self._settings.topic_prefix)
        group = self._settings.consumer_group
        with (
            LagReader(self._settings, group=group, topic=names.frames) as reader,
            consumer(self._settings) as client,
        ):
            partitions = partitions_of(client, names.dead_letters)
            before = _records(client, partitions)
            while not self._stop.wait(BACKLOG_SECONDS):
                try:
                    self.workers = reader.members()
                    self.lag = sum(partition.records for partition in reader.read())
                    self.dead_letters = _records(client, partitions) - before
                except KafkaError:
                    # The table keeps the last figures; the processes that need the broker say what is wrong with it.
                    continue


def _records(client: Any, partitions: list[TopicPartition]) -> int:
    return int(sum(client.end_offsets(partitions).values()))


class Watcher:
    """Draws the live table and keeps the tally, from the end of the predictions topic at the time of entering."""

    def __init__(self, settings: Settings, *, console: Console, title: str) -> None:
        self._settings = settings
        self._console = console
        self._table = LiveTable(title=title)
        self._live = Live(self._table, console=console, auto_refresh=False)
        self._exit = ExitStack()
        self._drawn_at = 0.0
        self.tally = Tally()

    def __enter__(self) -> Watcher:
        topics = TopicNames(self._settings.topic_prefix)
        predictions, gestures = (self._exit.enter_context(consumer(self._settings)) for _ in range(2))
        self._reader = TopicReader(predictions, topic=topics.predictions)
        self._gestures: RecordReader[ReceivedGesture] = RecordReader(
            gestures, topic=topics.gestures, decode=decode_gestures
        )
        self._reader.start(Edge.LATEST)
        self._gestures.start(Edge.LATEST)
        self._backlog = self._exit.enter_context(Backlog(self._settings))
        if self._console.is_terminal:
            self._exit.enter_context(self._live)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exit.close()

    def watch(self, until: Callable[[], bool]) -> None:
        """Take what arrives until `until` says so, which is asked some times a second."""
        while not until():
            self._backlog.raise_fault()
            batch = self._reader.read(timeout_seconds=POLL_SECONDS)
            received_at, now = datetime.now(UTC), time.monotonic()
            for one in batch.received:
                self.tally.add(one.prediction, received_at=received_at)
                self._table.update(one.prediction, now)
            for gesture in self._gestures.read(timeout_seconds=0).received:
                self.tally.add_event(gesture.event)
            self._draw(now)

    @property
    def workers(self) -> int:
        """Worker processes that have their partitions."""
        return self._backlog.workers

    @property
    def dead_letters(self) -> int:
        return self._backlog.dead_letters

    @property
    def outcomes(self) -> int:
        return self.tally.predictions + self.dead_letters

    def _draw(self, now: float) -> None:
        if self._backlog.lag is not None:
            self._table.set_lag(self._backlog.lag)
        self._table.set_dead_letters(self._backlog.dead_letters)
        self._table.set_note(live_lines(self.tally))
        if self._live.is_started and now - self._drawn_at >= REFRESH_SECONDS:
            self._drawn_at = now
            self._live.refresh()
