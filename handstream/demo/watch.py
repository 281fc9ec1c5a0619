"""Watching the outcomes arrive."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from types import TracebackType

from kafka.errors import KafkaError
from rich.console import Console
from rich.live import Live

from broker.consuming import ANSWER_SECONDS
from broker.received import gesture_reader, prediction_reader
from broker.topic_reader import Edge, topic_reader
from events.topics import TopicNames
from handstream.demo.report import live_lines
from handstream.demo.tally import Tally
from handstream.live_table import LiveTable
from monitoring.backlog import Backlog, BacklogWatch
from settings import Settings

POLL_SECONDS = 0.1
BRIEF_ANSWER_SECONDS = 2.0
REFRESH_SECONDS = 0.125
BACKLOG_SECONDS = 0.5


class Watcher:
    """Draws the live table and keeps the tally, from the end of the predictions topic at the time of entering.

    say: where given, a broker that goes away is waited for, which is said; else it is an error.
    """

    def __init__(
        self, settings: Settings, *, console: Console, title: str, say: Callable[[str], object] | None = None
    ) -> None:
        self._settings = settings
        self._console = console
        self._say = say
        self._is_away = False
        self._table = LiveTable(title=title)
        self._live = Live(self._table, console=console, auto_refresh=False)
        self._exit = ExitStack()
        self._drawn_at = 0.0
        self._backlog = Backlog()
        self.tally = Tally()

    def __enter__(self) -> Watcher:
        topics = TopicNames(self._settings.topic_prefix)
        # Whoever waits for the broker has other things to do meanwhile.
        answer_seconds = ANSWER_SECONDS if self._say is None else BRIEF_ANSWER_SECONDS
        predictions, gestures = (
            self._exit.enter_context(topic_reader(self._settings, topic, answer_seconds=answer_seconds))
            for topic in (topics.predictions, topics.gestures)
        )
        predictions.seek(Edge.LATEST)
        gestures.seek(Edge.LATEST)
        self._predictions, self._gestures = prediction_reader(predictions), gesture_reader(gestures)
        self._exit.enter_context(BacklogWatch(self._settings, tell=self._take_backlog, ask_seconds=BACKLOG_SECONDS))
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
            try:
                self._take()
            except KafkaError:
                if self._say is None:
                    raise
                self._set_away(is_away=True)
            else:
                self._set_away(is_away=False)
            self._draw(time.monotonic())

    def _take(self) -> None:
        batch = self._predictions.read(timeout_seconds=POLL_SECONDS)
        received_at, now = datetime.now(UTC), time.monotonic()
        for one in batch.received:
            self.tally.add(one.prediction, received_at=received_at)
            self._table.update(one.prediction, now)
        for gesture in self._gestures.read(timeout_seconds=0).received:
            self.tally.add_event(gesture.event)

    def _set_away(self, *, is_away: bool) -> None:
        if self._say is not None and is_away != self._is_away:
            change = "does not answer; waiting for it" if is_away else "answers again"
            self._say(f"Kafka at {self._settings.broker} {change}")
        self._is_away = is_away

    def set_title(self, title: str) -> None:
        """Of the live table."""
        self._table.set_title(title)

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

    def _take_backlog(self, backlog: Backlog) -> None:
        self._backlog = backlog

    def _draw(self, now: float) -> None:
        if self._backlog.lag_records is not None:
            self._table.set_lag(self._backlog.lag_records)
        self._table.set_dead_letters(self._backlog.dead_letters)
        self._table.set_note(live_lines(self.tally))
        if self._live.is_started and now - self._drawn_at >= REFRESH_SECONDS:
            self._drawn_at = now
            self._live.refresh()
