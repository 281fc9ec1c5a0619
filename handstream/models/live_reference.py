"""A reference counted from predictions: what the cameras of a place show on ordinary days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from events.prediction import Prediction, Status, decode_prediction
from events.reason import RecordError
from recognition.bundle import Manifest
from recognition.reference import Reference, prediction_values

LEAST_HANDS = 1000


class NoReference(Exception):
    """The predictions give no reference: the message says what is wrong, and the way out."""


def read_predictions(file: Path) -> Iterator[Prediction]:
    """A prediction a line. Raises NoReference."""
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    yield decode_prediction(line)
                except RecordError as error:
                    raise NoReference(
                        f"{file}, line {number}: {error}; write the file with `handstream tail --format jsonl`"
                    ) from error
    except OSError as error:
        raise NoReference(f"cannot read {file}: {error.strerror}") from error


def live_reference(predictions: Iterable[Prediction], *, manifest: Manifest) -> Reference:
    """From predictions of the manifest's model; those of other models and of skipped frames are passed over.

    Raises NoReference.
    """
    names: list[str] = []
    values: list[tuple[float, ...]] = []
    frames = others = without_hand = 0
    first = last = None
    for prediction in predictions:
        if prediction.status is Status.STALE:
            continue
        if prediction.model.sha256 != manifest.sha256:
            others += 1
            continue
        frames += 1
        without_hand += prediction.status is Status.NO_HAND
        first = min(first or prediction.captured_at, prediction.captured_at)
        last = max(last or prediction.captured_at, prediction.captured_at)
        seen = prediction_values(prediction)
        if seen:
            names += [hand.gesture for hand in prediction.hands]
            values += seen
    if len(names) < LEAST_HANDS or first is None or last is None:
        passed_over = f"; {others:,} predictions are of another model" if others else ""
        raise NoReference(
            f"there are {len(names):,} hands named by {manifest.name} {manifest.version}, a reference needs "
            f"{LEAST_HANDS:,}{passed_over}: give predictions of a longer time"
        )
    return Reference.of(
        names,
        np.array(values),
        origin=f"{frames:,} frames of a stream, from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC",
        without_hand=round(without_hand / frames, 4),
    )
