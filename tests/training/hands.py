"""Tables of hands that are quick to learn."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from recognition.features import Floats
from training.hands import Strings

# Unit vectors of a hand upright with its palm to the camera: wrist, then five fingers of four points.
_DIRECTIONS = np.deg2rad([150.0, 110.0, 92.0, 75.0, 55.0])
_OUT = {"palm": (1, 1, 1, 1, 1), "fist": (0, 0, 0, 0, 0), "peace": (0, 1, 1, 0, 0), "call": (1, 0, 0, 0, 1),
        "four": (0, 1, 1, 1, 1), "one": (0, 1, 0, 0, 0), "rock": (0, 1, 0, 0, 1),
        "little": (0, 0, 0, 0, 1)}  # fmt: skip
FOUR = ("palm", "fist", "peace", "call")
SEVEN = tuple(name for name in _OUT if name != "little")


def hand(gesture: str, *, random: np.random.Generator, left: bool = False) -> Floats:
    """(21, 2) in pixels."""
    points = [np.zeros(2)]
    for angle, out in zip(_DIRECTIONS, _OUT[gesture], strict=True):
        reach = np.array([0.5, 0.7, 0.85, 1.0]) if out else np.array([0.5, 0.65, 0.5, 0.4])
        points += [length * np.array([-np.cos(angle), -np.sin(angle)]) for length in reach]
    shape = np.array(points) + random.normal(0, 0.02, (21, 2))
    if left:
        shape = shape * (-1.0, 1.0)
    return np.asarray(shape * random.uniform(50, 300) + random.uniform(100, 500, 2))


def hands(*, each: int, seed: int = 0, gestures: Sequence[str] = FOUR) -> tuple[Floats, Strings]:
    """Half of them left hands."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.array(gestures), each)
    points = np.stack([hand(str(label), random=random, left=bool(index % 2)) for index, label in enumerate(labels)])
    return points, labels


def write_table(
    path: Path,
    points: Floats,
    labels: Sequence[str],
    *,
    with_z: bool = True,
    more: Mapping[str, Sequence[object]] | None = None,
) -> Path:
    more = more or {}
    axes = "xyz" if with_z else "xy"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([f"{axis}{n}" for n in range(1, 22) for axis in axes] + ["label", *more])
        for index, (row, label) in enumerate(zip(points, labels, strict=True)):
            numbers = [value for x, y in row for value in ((x, y, 0.5) if with_z else (x, y))]
            writer.writerow([*numbers, label, *(column[index] for column in more.values())])
    return path
