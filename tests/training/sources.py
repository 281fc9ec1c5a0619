"""The same hands in every form that training data come in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events.prediction import Handedness
from producers.synthetic import render_still
from recognition.features import Floats
from training.recordings import RecordedHand, RecordingHeader, write_recording

WIDTH, HEIGHT = 1200, 1600


def annotation(points: Floats, labels: Sequence[str], *, key: str = "landmarks", **more: Any) -> dict[str, Any]:
    """One image of HaGRID with these hands (n, 21, 2) in pixels; a hand whose label ends with `?` has no landmarks."""
    hands = [
        [] if label.endswith("?") else (hand / (WIDTH, HEIGHT)).tolist()
        for hand, label in zip(points, labels, strict=True)
    ]
    boxes = [[0.1, 0.1, 0.2, 0.2]] * len(labels)
    return {"bboxes": boxes, "labels": [label.rstrip("?") for label in labels], key: hands, **more}


def write_annotations(path: Path, images: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(images))
    return path


def write_photographs(folder: Path, *gestures: str, seed: int = 3) -> Path:
    for gesture in gestures:
        (folder / gesture).mkdir(parents=True, exist_ok=True)
        (folder / gesture / "1.jpg").write_bytes(render_still(gesture=gesture, seed=seed))
    return folder


def record_hands(folder: Path, points: Floats, *, gesture: str, person: str = "") -> Path:
    """A recording of these hands (n, 21, 2) in pixels."""
    header = RecordingHeader(gesture=gesture, person=person, source="test", created_at=datetime.now(UTC))
    hands = [
        RecordedHand(
            landmarks=tuple((x / WIDTH, y / HEIGHT, 0.0) for x, y in hand.tolist()),
            width=WIDTH,
            height=HEIGHT,
            handedness=Handedness.RIGHT,
            score=0.9,
            at=number / 10,
        )
        for number, hand in enumerate(points)
    ]
    return write_recording(folder, header=header, hands=hands)
