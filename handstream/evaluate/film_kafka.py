"""A film through Kafka and the workers that run there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from broker.received import BatchReader, ReceivedGesture, ReceivedPrediction, gesture_reader, prediction_reader
from broker.topic_reader import Edge, topic_reader
from broker.topics import create_topics
from evaluation.film.figures import StreamedFilm
from evaluation.film.frames import FilmFrame
from events.gesture import GestureEvent
from events.prediction import Prediction
from events.stream_end import StreamEnd
from events.topics import TopicNames
from handstream.evaluate.film_list import Film
from handstream.evaluate.film_local import duration_seconds
from handstream.evaluate.film_times import TimedFilm, shown_events
from producers.kafka_sink import KafkaSink
from producers.production import Production
from producers.publisher import DropPolicy
from settings import Settings

CAMERA = "evaluation"
_POLL_SECONDS = 0.1


class NoAnswer(Exception):
    """The workers did not answer for as long as the user would wait."""


class _Published:
    """A Production in a thread of its own, since the answers must be read meanwhile."""

    def __init__(self, production: Production) -> None:
        self._production = production
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="production", daemon=True)
        self._thread.start()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def raise_fault(self) -> None:
        """What ended the production, if anything did: SourceError or BrokerError."""
        if self._fault is not None:
            raise self._fault

    def stop(self) -> None:
        self._production.stop()
        self._thread.join()

    def _run(self) -> None:
        try:
            self._production.run()
        except BaseException as error:
            self._fault = error


class Answers:
    """The predictions and gesture events of one run. published: its frames, by its stream's end."""

    def __init__(self, run: str) -> None:
        self._run = run
        self.predictions: dict[str, Prediction] = {}
        self.events: list[GestureEvent] = []
        self._ended: dict[str, set[int]] = {"predictions": set(), "gestures": set()}
        self._partitions = 0
        self.published = 0

    def read(self, predictions: BatchReader[ReceivedPrediction], gestures: BatchReader[ReceivedGesture]) -> bool:
        """Whether anything of the run came."""
        batch = predictions.read(timeout_seconds=_POLL_SECONDS)
        mine = [one.prediction for one in batch.received if one.prediction.run == self._run]
        self.predictions.update({one.id: one for one in mine})
        told = gestures.read(timeout_seconds=_POLL_SECONDS)
        events = [one.event for one in told.received if one.event.run == self._run]
        self.events += events
        ends = [*self._end("predictions", batch.ends), *self._end("gestures", told.ends)]
        return bool(mine or events or ends)

    @property
    def are_complete(self) -> bool:
        return self._partitions > 0 and all(len(ended) == self._partitions for ended in self._ended.values())

    def _end(self, topic: str, ends: Iterable[StreamEnd]) -> list[int]:
        mine = [end for end in ends if end.run == self._run]
        self._partitions = max([self._partitions, *(end.partitions for end in mine)])
        self.published = max([self.published, *(end.frames for end in mine)])
        self._ended[topic].update(end.partition for end in mine)
        return [end.partition for end in mine]


def stream_through_kafka(
    film: Film, *, settings: Settings, speed: float, idle_seconds: float, on_frame: Callable[[int], None]
) -> StreamedFilm:
    """Publish the film as `handstream produce video` does, under a run of its own, and wait for its stream's end.

    speed: 1 for the film's own pace, 0 for as fast as the broker takes it. idle_seconds: how long to wait when nothing
    comes. on_frame: called with the number of predictions so far. Raises SourceError, BrokerError and NoAnswer.
    """
    began_at = datetime.now(UTC).replace(microsecond=0)
    create_topics(settings)
    topics = TopicNames(settings.topic_prefix)
    with (
        topic_reader(settings, topics.predictions) as predictions,
        topic_reader(settings, topics.gestures) as gestures,
        KafkaSink(settings) as sink,
    ):
        predictions.seek(Edge.LATEST)
        gestures.seek(Edge.LATEST)
        production = Production(
            TimedFilm(film.open(), began_at=began_at),
            sink=sink,
            name=str(film.path),
            cameras=(CAMERA,),
            policy=DropPolicy.WAIT,
            speed=speed,
        )
        answers = Answers(production.run_id)
        published = _Published(production)
        try:
            _wait(
                answers,
                published,
                prediction_reader(predictions),
                gesture_reader(gestures),
                idle_seconds=idle_seconds,
                on_frame=on_frame,
            )
        finally:
            published.stop()
    frames = [
        FilmFrame(at_seconds=(one.captured_at - began_at).total_seconds(), prediction=one)
        for one in sorted(answers.predictions.values(), key=lambda one: one.sequence)
    ]
    return StreamedFilm(
        name=film.name,
        duration_seconds=duration_seconds(frames, film),
        segments=film.segments,
        frames=tuple(frames),
        events=shown_events(answers.events, began_at=began_at),
        lost_frames=max(0, answers.published - len(frames)),
    )


def _wait(
    answers: Answers,
    published: _Published,
    predictions: BatchReader[ReceivedPrediction],
    gestures: BatchReader[ReceivedGesture],
    *,
    idle_seconds: float,
    on_frame: Callable[[int], None],
) -> None:
    heard_at = time.monotonic()
    while not answers.are_complete:
        if answers.read(predictions, gestures):
            heard_at = time.monotonic()
            on_frame(len(answers.predictions))
        published.raise_fault()
        if time.monotonic() - heard_at >= idle_seconds:
            got = len(answers.predictions)
            raise NoAnswer(
                f"no answer from a worker for {idle_seconds:g} s ({got:,} predictions of the film came before): is one "
                "running? --idle-timeout SECONDS waits longer"
            )
