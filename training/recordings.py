"""Recordings: labelled hands that `handstream record` collected, one JSON Lines file a recording."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import numpy as np
from msgspec import Meta

from events.prediction import Handedness, Landmarks, WorldLandmarks
from events.units import Count, Ratio, Time
from recognition.features import square_pixels
from recognition.gestures import NAME_PATTERN
from training.hands import DataError, Fault, Hands
from training.points import no_points, point_faults, world_of

RECORDING_TYPE: Final = "handstream.recording.v1"
SUFFIX = ".jsonl"
PERSON_PATTERN = "^[A-Za-z0-9._-]{0,40}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingHeader:
    """The first line of a recording.

    person: who shows the hand, a name or any other word; "" where not said.
    source: the camera or the name of the film, never its folder.
    landmark_model: sha256 of the model that found the landmarks; None where a worker found them.
    """

    type: Literal["handstream.recording.v1"] = RECORDING_TYPE
    gesture: Annotated[str, Meta(pattern=NAME_PATTERN)]
    person: Annotated[str, Meta(pattern=PERSON_PATTERN)] = ""
    source: str
    created_at: Time
    landmark_model: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHand:
    """One line: a hand as it was seen in one picture.

    landmarks: 21 points x, y in 0..1 of the picture, and z. width, height: of the picture, pixels.
    at: seconds since the first picture of the recording.
    world_landmarks: 21 points in metres; None where the engine or the worker gave none.
    track_id: the same as long as one hand is followed; None where it was not.
    presence: 0..1, how sure the landmark model is that it looks at a hand, 1 where the engine does not say; None where
    a worker found the hand.
    """

    landmarks: Landmarks
    width: Annotated[int, Meta(ge=1)]
    height: Annotated[int, Meta(ge=1)]
    handedness: Handedness
    score: Ratio
    at: Annotated[float, Meta(ge=0)]
    world_landmarks: WorldLandmarks | None = None
    track_id: Count | None = None
    presence: Ratio | None = None


def recording_path(folder: Path, *, gesture: str, created_at: datetime, digest: str) -> Path:
    """Where a recording belongs: names sort by time, and two of the same second differ in the digest of their hands."""
    return folder / f"{gesture}-{created_at:%Y%m%dT%H%M%SZ}-{digest[:6]}{SUFFIX}"


def write_recording(folder: Path, *, header: RecordingHeader, hands: Iterable[RecordedHand]) -> Path:
    """Write a recording whole or not at all, and return its path. Raises OSError."""
    content = b"".join(_ENCODER.encode(line) + b"\n" for line in (header, *hands))
    folder.mkdir(parents=True, exist_ok=True)
    path = recording_path(
        folder, gesture=header.gesture, created_at=header.created_at, digest=hashlib.sha256(content).hexdigest()
    )
    temporary = path.with_name(f".{path.name}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path


def read_recording(path: Path, *, name: str) -> Hands:
    """The hands of one recording, lines that cannot be used among its faults. Raises DataError for no recording.

    Pictures that follow each other are almost the same, so all hands of a recording are one group.
    name: of the file, as places and sources have it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    first, *lines = content.splitlines() or [b""]
    try:
        header = _HEADER.decode(first)
    except msgspec.DecodeError as error:
        raise DataError(
            f"{path}: is no recording, whose first line is of type {RECORDING_TYPE}: {error}; "
            "`handstream record` makes one"
        ) from error
    found: list[RecordedHand] = []
    places: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(lines, start=2):
        if not line.strip():
            continue
        try:
            found.append(_HAND.decode(line))
        except msgspec.DecodeError as error:
            faults.append(Fault(f"{name}:{number}", f"no recorded hand: {error}"))
        else:
            places.append(f"{name}:{number}")
    points = np.stack([_points(hand) for hand in found]) if found else no_points()
    wrong = point_faults(points)
    kept = [row for row in range(len(found)) if row not in wrong]
    hands = [found[row] for row in kept]
    return Hands.of(
        points=points[kept],
        labels=np.full(len(kept), header.gesture),
        people=np.full(len(kept), header.person),
        places=np.array([places[row] for row in kept], dtype=np.str_),
        sources=np.full(len(kept), name),
        groups=np.full(len(kept), name),
        world=world_of([hand.world_landmarks for hand in hands]),
        handedness=np.array([hand.handedness.value for hand in hands], dtype=np.str_),
        scores=np.array([hand.score for hand in hands]),
        files={name: hashlib.sha256(content).hexdigest()},
        faults=(*faults, *(Fault(places[row], reason) for row, reason in wrong.items())),
    )


def _points(hand: RecordedHand) -> np.ndarray:
    return square_pixels(np.array(hand.landmarks), width=hand.width, height=hand.height)


_ENCODER = msgspec.json.Encoder()
_HEADER = msgspec.json.Decoder(RecordingHeader)
_HAND = msgspec.json.Decoder(RecordedHand)
