"""What comes out of the topics `predictions` and `frames`, for the hub."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from broker.received import ReceivedPrediction, decode_gestures, decode_predictions
from events.frame import FRAME_TYPE, Frame, decode_frame
from events.gesture import GestureEvent
from events.reason import RecordError
from events.topics import TopicNames
from gateway.topic_follower import BrokerStatus, Subscription, TopicFollower
from settings import Settings

log = logging.getLogger("handstream.gateway")

# Of frames only the newest is shown; this far behind, those between are skipped.
FRAMES_BEHIND = 100
# Deliveries that were not handled yet; beyond, nothing more is read.
MAX_UNHANDLED = 4
# Gesture events that are older when they arrive here are of the past, and not shown.
FRESH_SECONDS = 5.0
CHECK_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamUpdate:
    """What one poll brought. gestures: those that have just been written. frames: the newest of each camera."""

    received_at: datetime
    predictions: tuple[ReceivedPrediction, ...] = ()
    gestures: tuple[GestureEvent, ...] = ()
    frames: tuple[Frame, ...] = ()


class Feed:
    """Two followers: predictions and gestures must not wait for the pictures, which are far larger and less urgent.

    deliver: called in their threads with what arrived, and `handled`, to be called once that has been handled.
    tell: called there whenever the broker becomes reachable or unreachable.
    since_seconds: age of the first predictions that are read; of frames only those to come.
    frame_pause: seconds between two polls for frames.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        deliver: Callable[[StreamUpdate, Callable[[], None]], None],
        tell: Callable[[BrokerStatus], None],
        since_seconds: float,
        frame_pause: Callable[[], float],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._deliver = deliver
        self._clock = clock
        self._unhandled = threading.Semaphore(MAX_UNHANDLED)
        names = TopicNames(settings.topic_prefix)
        self._names = names
        self._outcomes = TopicFollower(
            settings,
            Subscription(topics=(names.predictions, names.gestures), since_seconds=since_seconds),
            take=self._take_outcomes,
            tell=tell,
        )
        self._frames = TopicFollower(
            settings,
            Subscription(topics=(names.frames,), max_behind=FRAMES_BEHIND),
            take=self._take_frames,
            pause=frame_pause,
        )

    def start(self) -> None:
        self._outcomes.start()
        self._frames.start()

    def stop(self) -> None:
        self._frames.stopping.set()
        self._outcomes.stop()
        self._frames.stop()

    def _take_outcomes(self, records: Sequence[Any]) -> None:
        now = self._clock()
        predictions = decode_predictions(one for one in records if one.topic == self._names.predictions)
        gestures = decode_gestures(
            one
            for one in records
            if one.topic == self._names.gestures and now.timestamp() - one.timestamp / 1000 <= FRESH_SECONDS
        )
        for malformed in (*predictions.malformed, *gestures.malformed):
            log.warning(
                "Skipped a malformed record",
                extra={
                    "topic": malformed.position.topic,
                    "partition": malformed.position.partition,
                    "offset": malformed.position.offset,
                    "reason": malformed.error,
                },
            )
        if predictions.received or gestures.received:
            self._hand_over(
                self._outcomes,
                StreamUpdate(
                    received_at=now,
                    predictions=predictions.received,
                    gestures=tuple(one.event for one in gestures.received),
                ),
            )

    def _take_frames(self, records: Sequence[Any]) -> None:
        found = tuple(_newest_frames(records))
        if found:
            self._hand_over(self._frames, StreamUpdate(received_at=self._clock(), frames=found))

    def _hand_over(self, follower: TopicFollower, update: StreamUpdate) -> None:
        while not self._unhandled.acquire(timeout=CHECK_SECONDS):
            if follower.stopping.is_set():
                return
        self._deliver(update, self._unhandled.release)


_FRAME = ("ce_type", FRAME_TYPE.encode())


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
