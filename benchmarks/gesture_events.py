"""Gesture events of the synthetic camera by frame rate:  python -m benchmarks.gesture_events [SECONDS [FILMS]]

Renders films at 60 frames a second and lets the worker's own code process them at several frame rates, without Kafka:
every frame, every second one, and so on. The events and frames are counted as `handstream demo` does it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import track
from rich.table import Table

from events.frame import JPEG, Frame, Mode
from events.record import Position
from events.topics import TopicNames
from handstream.demo.tally import Tally
from producers.source import Shot
from producers.synthetic import SyntheticCamera
from recognition.gesture_debouncer import DebounceTimes
from recognition.pipeline import Recognizer
from settings import load_settings
from stream_app.outcome import Incoming
from stream_app.partition_gestures import PartitionGestures
from stream_app.processor import FrameProcessor

RENDERED_FPS = 60
# Of the rendered frames, every nth is processed.
STEPS = (1, 2, 4, 6, 12)
FIRST_SEED = 11
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    seconds, films = float((sys.argv[1:2] or ["60"])[0]), int((sys.argv[2:3] or ["3"])[0])
    settings = load_settings()
    times = DebounceTimes(
        hold=timedelta(seconds=settings.gesture_hold_seconds),
        silence=timedelta(seconds=settings.gesture_silence_seconds),
    )
    recognizer = Recognizer.create()
    tallies = {step: Tally() for step in STEPS}
    for seed in range(FIRST_SEED, FIRST_SEED + films):
        camera = SyntheticCamera(seed=seed, frame_rate_hz=RENDERED_FPS, frame_count=round(RENDERED_FPS * seconds))
        shots = list(track(camera.shots(), f"render film {seed}", total=camera.total))
        for step, tally in tallies.items():
            frames = _frames(shots[::step], run=f"{seed}-{step}")
            _process(track(frames, f"{RENDERED_FPS // step} fps", total=len(shots[::step])), recognizer, times, tally)
    recognizer.close()
    Console(width=130).print(_table(tallies, model=f"{recognizer.model.name} {recognizer.model.version}"))


def _frames(shots: Sequence[Shot], *, run: str) -> Iterator[Frame]:
    for number, shot in enumerate(shots):
        yield Frame(
            image=shot.image,
            camera="camera",
            run=run,
            sequence=number,
            captured_at=BEGAN + timedelta(seconds=shot.at_seconds),
            source=shot.source,
            width=shot.width,
            height=shot.height,
            mode=Mode.LIVE,
            content_type=JPEG,
            label=shot.label,
        )


def _process(frames: Iterable[Frame], recognizer: Recognizer, times: DebounceTimes, tally: Tally) -> None:
    processor = FrameProcessor(recognizer=recognizer, topics=TopicNames(""), clock=lambda: BEGAN)
    gestures = PartitionGestures(times=times)
    for frame in frames:
        record = frame.to_record()
        position = Position(topic="frames", partition=0, offset=frame.sequence)
        incoming = Incoming(position=position, key=record.key, value=record.value, headers=record.headers)
        outcome = processor.process(incoming, gestures)
        assert outcome.prediction is not None
        tally.add(outcome.prediction, received_at=BEGAN)
        for event in outcome.gestures:
            tally.add_event(event)
    tally.finish()


def _table(tallies: dict[int, Tally], *, model: str) -> Table:
    table = Table(title=f"Gesture events of the synthetic camera, model {model}", title_justify="left")
    columns = (
        "frames/s",
        "gestures",
        "missed",
        "spurious a minute",
        "delay p50 s",
        "delay p95 s",
        "held frames right",
        "rest frames right",
    )
    for name in columns:
        table.add_column(name, justify="right")
    for step, tally in tallies.items():
        score = tally.score
        delays = [score.delay_seconds(quantile) for quantile in (0.5, 0.95)]
        table.add_row(
            str(RENDERED_FPS // step),
            str(score.correct + score.missed),
            str(score.missed),
            f"{score.spurious_per_minute:.1f}",
            *("" if delay is None else f"{delay:.2f}" for delay in delays),
            f"{score.held_right / score.held:.3f}",
            f"{score.rest_right / score.rest:.3f}",
        )
    return table


if __name__ == "__main__":
    main()
