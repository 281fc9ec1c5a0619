"""Follows the topics `predictions` and `frames` in a thread, and comes back when the broker does."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaError

from broker.consuming import consumer, partitions_of
from broker.settings import Settings
from broker.topics import BrokerError, create_topics
from events.frame import FRAME_TYPE, Frame, decode_frame
from events.prediction import PREDICTION_TYPE, Prediction, decode_prediction
from events.reason import RecordError
from events.topics import TopicNames

log = logging.getLogger("handstream.gateway")

POLL_MS = 200
# kafka-python keeps quiet about a broker that went away while it waits for records; so ask after this long a silence.
SILENCE_SECONDS = 1.0
ANSWER_TIMEOUT_MS = 2_000
RETRY_SECONDS = 1.0
RECONNECT_MAX_MS = 1_000
# What one answer of the broker may hold: the bound of what lies in this process at once.
FETCH_BYTES = 8 * 1024 * 1024
# Of frames only the newest is shown; so far behind, those between are passed over.
FRAMES_BEHIND = 100
# Deliveries that were not taken up yet; beyond, nothing more is read.
MAX_UNTAKEN = 4
STOP_TIMEOUT_SECONDS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A prediction and the JSON it came as, which may hold fields that are newer than this program."""

    prediction: Prediction
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """What one look at the topics brought. frames: the newest of each camera."""

    predictions: tuple[Received, ...]
    frames: tuple[Frame, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerState:
    """fault: what is wrong and the way out, where it does not answer."""

    answers: bool
    fault: str = ""


class Feed:
    """deliver: called in the feed's thread with what arrived, and `taken`, to be called once that has been taken up.

    tell: called in the feed's thread whenever the broker goes or comes.
    It begins with the predictions of the last minutes, and with the frames to come.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        deliver: Callable[[Arrivals, Callable[[], None]], None],
        tell: Callable[[BrokerState], None],
        since_seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._deliver = deliver
        self._tell = tell
        self._since_seconds = since_seconds
        self._clock = clock
        names = TopicNames(settings.topic_prefix)
        self._frames_topic, self._predictions_topic = names.frames, names.predictions
        self._positions: dict[TopicPartition, int] = {}
        self._untaken = threading.Semaphore(MAX_UNTAKEN)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_TIMEOUT_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                fault = str(error) if isinstance(error, BrokerError) else _away(self._settings)
                self._tell(BrokerState(answers=False, fault=fault))
            except Exception as error:
                # A thread that ended would leave a gateway that looks well and shows nothing.
                log.exception("reading the topics failed, trying again")
                self._tell(BrokerState(answers=False, fault=f"reading the topics failed: {error}"))
            self._stop.wait(RETRY_SECONDS)

    def _follow(self) -> None:
        create_topics(self._settings)
        # At 4 MiB a frame, the greatest record must fit.
        fetch_bytes = max(FETCH_BYTES, 2 * self._settings.max_message_bytes)
        with consumer(
            self._settings,
            reconnect_backoff_max_ms=RECONNECT_MAX_MS,
            fetch_max_bytes=fetch_bytes,
            max_partition_fetch_bytes=fetch_bytes,
        ) as client:
            frames = partitions_of(client, self._frames_topic)
            partitions = [*frames, *partitions_of(client, self._predictions_topic)]
            client.assign(partitions)
            self._seek(client, partitions)
            self._tell(BrokerState(answers=True))
            heard_at = time.monotonic()
            while not self._stop.is_set():
                polled = client.poll(timeout_ms=POLL_MS)
                now = time.monotonic()
                if polled:
                    heard_at = now
                    self._take(client, polled)
                elif now - heard_at > SILENCE_SECONDS:
                    client.end_offsets(partitions, timeout_ms=ANSWER_TIMEOUT_MS)
                    heard_at = time.monotonic()

    def _seek(self, client: Any, partitions: list[TopicPartition]) -> None:
        """Go on where we were; at first, some minutes back for predictions."""
        begins, ends = client.beginning_offsets(partitions), client.end_offsets(partitions)
        since_ms = int((self._clock().timestamp() - self._since_seconds) * 1000)
        predictions = [one for one in partitions if one.topic == self._predictions_topic]
        found = client.offsets_for_times(dict.fromkeys(predictions, since_ms))
        for partition in partitions:
            at = ends[partition]
            known = self._positions.get(partition)
            if partition.topic == self._predictions_topic:
                if known is not None and begins[partition] <= known <= ends[partition]:
                    at = known
                elif known is None and found.get(partition) is not None:
                    at = found[partition].offset
            client.seek(partition, at)

    def _take(self, client: Any, polled: dict[TopicPartition, list[Any]]) -> None:
        for partition, records in polled.items():
            self._positions[partition] = records[-1].offset + 1
            if partition.topic == self._frames_topic:
                end = client.highwater(partition)
                if end is not None and end - self._positions[partition] > FRAMES_BEHIND:
                    client.seek(partition, end)
        arrivals = Arrivals(
            predictions=tuple(_predictions(self._of(polled, self._predictions_topic))),
            frames=tuple(_newest_frames(self._of(polled, self._frames_topic))),
            received_at=self._clock(),
        )
        while not self._untaken.acquire(timeout=RETRY_SECONDS):
            if self._stop.is_set():
                return
        self._deliver(arrivals, self._untaken.release)

    @staticmethod
    def _of(polled: dict[TopicPartition, list[Any]], topic: str) -> Iterable[Any]:
        return (record for partition, records in polled.items() if partition.topic == topic for record in records)


_PREDICTION = ("ce_type", PREDICTION_TYPE.encode())
_FRAME = ("ce_type", FRAME_TYPE.encode())


def _predictions(records: Iterable[Any]) -> Iterable[Received]:
    for record in records:
        if _PREDICTION not in record.headers:
            continue
        try:
            yield Received(prediction=decode_prediction(record.value), value=record.value)
        except RecordError as error:
            log.warning("passed over a record of %s: %s", record.topic, error)


def _newest_frames(records: Iterable[Any]) -> Iterable[Frame]:
    newest: dict[str, Frame] = {}
    for record in records:
        if _FRAME not in record.headers:
            continue
        try:
            frame = decode_frame(key=record.key, value=record.value, headers=record.headers)
        except RecordError:
            continue  # the worker makes it a dead letter
        newest[frame.camera] = frame
    return newest.values()


def _away(settings: Settings) -> str:
    return (
        f"no Kafka broker answers at {settings.broker}: start one with `handstream broker start`, "
        "or set HANDSTREAM_BROKER to where yours is"
    )
