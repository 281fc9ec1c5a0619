"""Predictions for pictures that come by themselves, without a stream."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from events.frame import Frame, Mode
from events.prediction import Prediction, Timings
from imaging.files import path_text, read_image_file
from recognition.pipeline import Recognizer


def predict_still(
    recognizer: Recognizer,
    image: bytes,
    *,
    camera: str,
    source: str,
    sequence: int = 0,
    label: str | None = None,
) -> Prediction:
    """The prediction of one picture, as the `predictions` topic would have it; its id is made from the bytes.

    camera: what stands in for one: `files`, `upload`. source: name of the file. Raises RecordError for a picture at
    fault. May be called from several threads at once.
    """
    now = datetime.now(UTC)
    frame = Frame(
        image=image,
        camera=camera,
        run="predict",
        sequence=sequence,
        captured_at=now,
        source=source,
        width=0,
        height=0,
        mode=Mode.STILL,
        label=label,
    )
    seen = recognizer.recognize(frame)
    return Prediction(
        id=f"file/{hashlib.sha256(image).hexdigest()[:16]}",
        camera=frame.camera,
        run=frame.run,
        source=frame.source,
        sequence=sequence,
        mode=frame.mode,
        captured_at=now,
        processed_at=datetime.now(UTC),
        status=seen.status,
        hands=seen.hands,
        model=seen.model,
        timings_ms=Timings(queue=0.0, decode=seen.decode_ms, landmarks=seen.landmarks_ms, classify=seen.classify_ms),
        label=label,
        width=seen.width,
        height=seen.height,
        image_damaged=seen.image_damaged,
    )


def predict_file(recognizer: Recognizer, path: Path, *, sequence: int, label: str | None) -> Prediction:
    """The prediction of one image file. Raises RecordError for its own faults and OSError where it cannot be read."""
    return predict_still(
        recognizer, read_image_file(path), camera="files", source=path_text(path), sequence=sequence, label=label
    )
