"""A film through the worker's recognition and gesture events, without Kafka."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from evaluation.film.figures import StreamedFilm
from evaluation.film.frames import FilmFrame
from events.frame import Frame, Mode
from events.gesture import GestureEvent
from events.prediction import Prediction, Timings
from events.record import Position
from handstream.evaluate.film_list import Film
from handstream.evaluate.film_times import TimedFilm, shown_events
from producers.source import Shot
from recognition.gesture_debouncer import DebounceTimes
from recognition.pipeline import Recognizer
from settings import Settings
from stream_app.partition_gestures import PartitionGestures

_RUN = "evaluation"


class GestureFollower:
    """The worker's own gesture events of one camera, with this installation's settings."""

    def __init__(self, settings: Settings) -> None:
        self._gestures = PartitionGestures(
            times=DebounceTimes(
                hold=timedelta(seconds=settings.gesture_hold_seconds),
                silence=timedelta(seconds=settings.gesture_silence_seconds),
            )
        )
        self.events: list[GestureEvent] = []

    def see(self, prediction: Prediction) -> None:
        self.events += [one.event for one in self._gestures.update(prediction, key=None).events]

    def finish(self) -> None:
        """The stream of the run has ended."""
        self.events += [one.event for one in self._gestures.end_run(_RUN)]


def stream_locally(
    film: Film, *, recognizer: Recognizer, settings: Settings, on_frame: Callable[[], None]
) -> StreamedFilm:
    """Recognise the frames one after the other as a worker does those of a recorded stream: hands are tracked.

    on_frame: called after each frame. Raises SourceError and RecordError.
    """
    began_at = _now()
    follower = GestureFollower(settings)
    frames = []
    for frame in _predictions(film, recognizer=recognizer, mode=Mode.RECORDED, began_at=began_at):
        follower.see(frame.prediction)
        frames.append(frame)
        on_frame()
    follower.finish()
    return StreamedFilm(
        name=film.name,
        duration_seconds=duration_seconds(frames, film),
        segments=film.segments,
        frames=tuple(frames),
        events=shown_events(follower.events, began_at=began_at),
    )


def recognise_as_stills(film: Film, *, recognizer: Recognizer, on_frame: Callable[[], None]) -> tuple[FilmFrame, ...]:
    """The same frames, each recognised by itself. Raises SourceError and RecordError."""
    frames = []
    for frame in _predictions(film, recognizer=recognizer, mode=Mode.STILL, began_at=_now()):
        frames.append(frame)
        on_frame()
    return tuple(frames)


def duration_seconds(frames: list[FilmFrame], film: Film) -> float:
    """From the first frame to the end of the last."""
    return frames[-1].at_seconds - frames[0].at_seconds + film.period_seconds if frames else 0.0


def _predictions(film: Film, *, recognizer: Recognizer, mode: Mode, began_at: datetime) -> Iterator[FilmFrame]:
    for sequence, shot in enumerate(TimedFilm(film.open(), began_at=began_at).shots()):
        frame = _frame(shot, film=film, sequence=sequence, mode=mode)
        yield FilmFrame(at_seconds=shot.at_seconds, prediction=_prediction(frame, recognizer))


def _frame(shot: Shot, *, film: Film, sequence: int, mode: Mode) -> Frame:
    assert shot.captured_at is not None
    return Frame(
        image=shot.image,
        camera=film.name,
        run=_RUN,
        sequence=sequence,
        captured_at=shot.captured_at,
        source=shot.source,
        width=shot.width,
        height=shot.height,
        mode=mode,
    )


def _prediction(frame: Frame, recognizer: Recognizer) -> Prediction:
    seen = recognizer.recognize(frame)
    return Prediction(
        id=str(Position(topic="film", partition=0, offset=frame.sequence)),
        camera=frame.camera,
        run=frame.run,
        source=frame.source,
        sequence=frame.sequence,
        mode=frame.mode,
        captured_at=frame.captured_at,
        processed_at=datetime.now(UTC),
        status=seen.status,
        hands=seen.hands,
        model=seen.model,
        timings_ms=Timings(queue=0.0, decode=seen.decode_ms, landmarks=seen.landmarks_ms, classify=seen.classify_ms),
        width=seen.width,
        height=seen.height,
        detector_skipped=seen.detector_skipped,
        image_damaged=seen.image_damaged,
    )


def _now() -> datetime:
    # Whole seconds: the landmark model counts in milliseconds, and the same film must give it the same ones.
    return datetime.now(UTC).replace(microsecond=0)
