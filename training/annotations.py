"""HaGRID's own annotations: JSON files of images with the gesture and the landmarks of each hand.

Source: the section "Annotations" in the README of https://github.com/hukenovs/hagrid, for both versions of the data. A
file is one object by image id. Version 1 calls the landmarks `landmarks`, version 2 `hand_landmarks`; both list them in
the order of `labels`, and leave a list empty where MediaPipe found no hand in the box.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats
from training.faults import NO_HAND
from training.hands import DataError, Fault, Hands
from training.labels import unknown_label
from training.points import fits_image, no_points, point_faults

_LANDMARK_KEYS = ("landmarks", "hand_landmarks")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hand:
    """One annotated hand: points (21, 2) in 0..1 of the image. shape: width and height, as far as they are known."""

    place: str
    label: str
    person: str
    points: Floats
    shape: tuple[float, float] | None


def read_annotations(path: Path, *, name: str, labels: frozenset[str], aspect: float | None = None) -> Hands:
    """The hands of one annotation file, those that cannot be used among its faults. Raises DataError for no such file.

    The images' shape is not part of the official files: aspect (width / height) says it, where an image has no keys
    `width` and `height` of its own.
    name: of the file, as places and sources have it. labels: those that are no mistake.
    """
    try:
        content = path.read_bytes()
        images = msgspec.json.decode(content)
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{path}: cannot be read as JSON: {error}") from error
    _check_form(path, images)
    found: list[_Hand] = []
    faults: list[Fault] = []
    for image, annotation in images.items():
        for part in _hands(f"{name}:{image}", annotation, labels=labels):
            if isinstance(part, Fault):
                faults.append(part)
            else:
                found.append(part)
    points = np.stack([hand.points for hand in found]) if found else no_points()
    wrong = point_faults(points)
    for row in np.flatnonzero(~fits_image(points)).tolist():
        wrong.setdefault(row, "landmarks are not in 0..1 of the image")
    if aspect is None and any(hand.shape is None for hand in found):
        raise DataError(f"{path}: landmarks are in 0..1 of images of unknown shape; say --aspect WIDTH/HEIGHT")
    kept = [row for row in range(len(found)) if row not in wrong]
    hands = [found[row] for row in kept]
    shapes = np.array([hand.shape or (aspect, 1.0) for hand in hands], dtype=float).reshape(-1, 1, 2)
    return Hands.of(
        points=points[kept] * shapes,
        labels=np.array([hand.label for hand in hands], dtype=np.str_),
        people=np.array([hand.person for hand in hands], dtype=np.str_),
        places=np.array([hand.place for hand in hands], dtype=np.str_),
        sources=np.full(len(kept), name),
        files={name: hashlib.sha256(content).hexdigest()},
        faults=(*faults, *(Fault(found[row].place, reason) for row, reason in wrong.items())),
        without_hand=sum(fault.reason.startswith(NO_HAND) for fault in faults),
    )


def _check_form(path: Path, images: Any) -> None:
    annotations = list(images.values()) if isinstance(images, dict) else []
    if not any(isinstance(one, dict) and "labels" in one for one in annotations):
        raise DataError(
            f"{path}: is no HaGRID annotation: an object of images by their id, each with labels and landmarks; "
            "name the files that you mean instead of their folder"
        )
    if not any(isinstance(one, dict) and any(key in one for key in _LANDMARK_KEYS) for one in annotations):
        raise DataError(
            f"{path}: no image has {' or '.join(_LANDMARK_KEYS)}; give the photographs themselves, in folders named as "
            "their gesture"
        )


def _hands(place: str, annotation: Any, *, labels: frozenset[str]) -> Iterator[_Hand | Fault]:
    try:
        names, landmarks, person, shape = _parts(annotation)
    except (TypeError, ValueError, KeyError) as error:
        yield Fault(place, f"malformed annotation: {error}")
        return
    for number, (label, points) in enumerate(zip(names, landmarks, strict=True)):
        at = place if len(names) == 1 else f"{place}[{number}]"
        if label not in labels:
            yield Fault(at, unknown_label(label))
        elif not points:
            yield Fault(at, f"{NO_HAND} was found in its box: landmarks are empty")
        else:
            try:
                hand = np.array([point[:2] for point in points], dtype=float).reshape(LANDMARK_COUNT, 2)
            except (TypeError, ValueError, KeyError):
                yield Fault(at, f"malformed landmarks: not {LANDMARK_COUNT} points")
                continue
            yield _Hand(place=at, label=label, person=person, points=hand, shape=shape)


def _parts(annotation: Mapping[str, Any]) -> tuple[list[str], list[Any], str, tuple[float, float] | None]:
    """Labels, landmarks of each, person and shape. Raises TypeError, ValueError or KeyError that says what is wrong."""
    if not isinstance(annotation, dict):
        raise TypeError("not an object")
    labels = annotation.get("labels")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise ValueError("labels are not a list of names")
    landmarks = next((annotation[key] for key in _LANDMARK_KEYS if key in annotation), None)
    if landmarks is None:
        landmarks = [[]] * len(labels)
    if not isinstance(landmarks, list) or len(landmarks) != len(labels):
        raise ValueError("not as many hands as labels, so which is whose cannot be told")
    shape = None
    if "width" in annotation or "height" in annotation:
        shape = (float(annotation["width"]), float(annotation["height"]))
        if not min(shape) > 0:
            raise ValueError("width and height are not greater than 0")
    return labels, landmarks, str(annotation.get("user_id") or ""), shape
