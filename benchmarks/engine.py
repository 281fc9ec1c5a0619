"""What the engine's choices are worth:  python -m benchmarks.engine [--images FOLDER]

Speed: milliseconds of processor time for a still, for following one hand and for following two, by our own engine and
by MediaPipe, on the same rendered frames, in turns. Accuracy, where --images names a folder of photographs in folders
named as their gesture: hands found and gestures right with the same model, for MediaPipe's first region, the right one,
and landmarks read once, twice, or twice where the first show that the region was off.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from imaging.decoding import Pixels, decode
from imaging.files import find_images
from producers.synthetic import SyntheticCamera
from recognition.engine.loading import load_engine
from recognition.engine.options import MEDIAPIPE_UPRIGHT_RAD, EngineKind, EngineOptions, Refine
from recognition.engine.precision import Precision
from recognition.engine.protocol import HandEngine
from recognition.pipeline import Recognizer
from recognition.stills import predict_file

FRAMES = 150
TURNS = 5
FRAME_SECONDS = 1 / 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=Path, help="photographs in folders named as their gesture")
    parser.add_argument("--turns", type=int, default=TURNS)
    arguments = parser.parse_args()
    console = Console()
    console.print(_speed(console, turns=arguments.turns))
    if arguments.images is not None:
        console.print(_accuracy(arguments.images))


def _speed(console: Console, *, turns: int) -> Table:
    with console.status("rendering"):
        one = [decode(image.image) for image in SyntheticCamera(seed=1, frame_count=FRAMES).shots()]
        two = [np.ascontiguousarray(np.concatenate([frame[:, ::-1], frame], axis=1)) for frame in one]
        two = [np.asarray(cv2.resize(frame, (640, 240)), np.uint8) for frame in two]
    engines = {
        "MediaPipe": load_engine(EngineOptions(kind=EngineKind.MEDIAPIPE)),
        **{f"own, {precision}": load_engine(EngineOptions(precision=precision)) for precision in _precisions()},
    }
    table = Table(title=f"ms of processor time a frame, medians of {turns} turns; in brackets MediaPipe's share")
    table.add_column("work")
    for name in engines:
        table.add_column(name, justify="right")
    for work, frames, run in (
        ("still, one hand", one, _stills),
        ("following one hand", one, _following),
        ("following two hands", two, _following),
    ):
        times: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(turns):
            for name, engine in engines.items():
                times[name].append(_cpu_ms(run, engine, frames))
        medians = {name: statistics.median(values) for name, values in times.items()}
        base = medians["MediaPipe"]
        table.add_row(work, *(f"{value:.1f} ({base / value:.2f})" for value in medians.values()))
    return table


def _precisions() -> Iterator[Precision]:
    import openvino  # noqa: PLC0415 (only here: what the processor can do)

    yield Precision.F32
    if "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        yield Precision.BF16


def _cpu_ms(run: Callable[[HandEngine, Sequence[Pixels]], None], engine: HandEngine, frames: Sequence[Pixels]) -> float:
    run(engine, frames[:5])
    began = time.process_time()
    run(engine, frames)
    return (time.process_time() - began) / len(frames) * 1000


def _stills(engine: HandEngine, frames: Sequence[Pixels]) -> None:
    for frame in frames:
        engine.find(frame, detection_confidence=0.5, presence_confidence=0.5)


def _following(engine: HandEngine, frames: Sequence[Pixels]) -> None:
    tracker = engine.tracker()
    for number, frame in enumerate(frames):
        tracker.find(frame, at_seconds=1e9 + number * FRAME_SECONDS, sequence=number)
    tracker.close()


def _accuracy(folder: Path) -> Table:
    files = find_images([folder]).files
    right = EngineOptions()
    variants = {
        "MediaPipe": replace(right, kind=EngineKind.MEDIAPIPE),
        "own, MediaPipe's first region, once": replace(right, upright_rad=MEDIAPIPE_UPRIGHT_RAD, refine=Refine.NEVER),
        "own, right region, once": replace(right, refine=Refine.NEVER),
        "own, twice where the region was off": right,
        "own, always twice": replace(right, refine=Refine.ALWAYS),
    }
    table = Table("engine", "photographs", "hands found", "gestures right", "no_gesture named")
    for name, options in variants.items():
        found = correct = named = gestures = 0
        recognizer = Recognizer.create(options=options)
        for file in track(files, description=name, transient=True):
            prediction = predict_file(recognizer, file, sequence=0, label=None)
            label = file.resolve().parent.name
            if label == "no_gesture":
                named += prediction.gesture not in (None, label)
                continue
            gestures += 1
            found += bool(prediction.hands)
            correct += prediction.gesture == label
        recognizer.close()
        table.add_row(name, str(gestures), str(found), f"{correct} ({correct / max(1, gestures):.3f})", str(named))
    return table


if __name__ == "__main__":
    main()
