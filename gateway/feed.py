"""What comes out of the topics `predictions` and `frames`, for the hub."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from events.frame import FRAME_TYPE, Frame, decode_frame
from events.prediction import PREDICTION_TYPE, Prediction, decode_prediction
from events.reason import RecordError
from events.topics import TopicNames
from gateway.topic_follower import BrokerState, TopicFollower, Wish
from settings import Settings

log = logging.getLogger("handstream.gateway")

# Of frames only the newest is shown; so far behind, those between are passed over.
FRAMES_BEHIND = 100
# Deliveries that were not taken up yet; beyond, nothing more is read.
MAX_UNTAKEN = 4
CHECK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A prediction and the JSON it came as, which may hold fields that are newer than this program."""

    prediction: Prediction
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What one look at a topic brought. frames: the newest of each camera."""

    received_at: datetime
    predictions: tuple[Received, ...] = ()
    frames: tuple[Frame, ...] = ()


class Feed:
    """Two followers: predictions must not wait for the pictures, which are far larger and less urgent.

    deliver: called in their threads with what arrived, and `taken`, to be called once that has been taken up.
    tell: called there whenever the broker goes or comes.
    since_seconds: so old are the first predictions; of frames only those to come are shown.
    frame_pause: seconds between two looks for frames.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        deliver: Callable[[Arrivals, Callable[[], None]], None],
        tell: Callable[[BrokerState], None],
        since_seconds: float,
        frame_pause: Callable[[], float],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._deliver = deliver
        self._clock = clock
        self._untaken = threading.Semaphore(MAX_UNTAKEN)
        names = TopicNames(settings.topic_prefix)
        self._predictions = TopicFollower(
            settings,
            Wish(topic=names.predictions, since_seconds=since_seconds),
            take=self._take_predictions,
            tell=tell,
        )
        self._frames = TopicFollower(
            settings,
            Wish(topic=names.frames, skip_behind=FRAMES_BEHIND),
            take=self._take_frames,
            pause=frame_pause,
        )

    def start(self) -> None:
        self._predictions.start()
        self._frames.start()

    def stop(self) -> None:
        self._frames.stopping.set()
        self._predictions.stop()
        self._frames.stop()

    def _take_predictions(self, records: Sequence[Any]) -> None:
        found = tuple(_predictions(records))
        if found:
            self._hand_over(self._predictions, Arrivals(received_at=self._clock(), predictions=found))

    def _take_frames(self, records: Sequence[Any]) -> None:
        found = tuple(_newest_frames(records))
        if found:
            self._hand_over(self._frames, Arrivals(received_at=self._clock(), frames=found))

    def _hand_over(self, follower: TopicFollower, arrivals: Arrivals) -> None:
        while not self._untaken.acquire(timeout=CHECK_SECONDS):
            if follower.stopping.is_set():
                return
        self._deliver(arrivals, self._untaken.release)


_PREDICTION = ("ce_type", PREDICTION_TYPE.encode())
_FRAME = ("ce_type", FRAME_TYPE.encode())


def _predictions(records: Sequence[Any]) -> Iterable[Received]:
    for record in records:
        if _PREDICTION not in record.headers:
            continue
        try:
            yield Received(prediction=decode_prediction(record.value), value=record.value)
        except RecordError as error:
            log.warning(
                "passed over a record",
                extra={
                    "topic": record.topic,
                    "partition": record.partition,
                    "offset": record.offset,
                    "reason": str(error),
                },
            )


def _newest_frames(records: Sequence[Any]) -> Iterable[Frame]:
    """The last of each camera. What is no frame the worker makes a dead letter."""
    newest: dict[bytes | None, Any] = {}
    for record in records:
        if _FRAME in record.headers:
            newest[record.key] = record
    for record in newest.values():
        try:
            yield decode_frame(key=record.key, value=record.value, headers=record.headers)
        except RecordError:
            continue
