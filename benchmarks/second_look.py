"""What the second look at stills finds, and what it costs:  python -m benchmarks.second_look FOLDER

Looks at the photographs of hands in the folder as they are, and at made-up harder ones: cut tight around the hand, and
from further away. For each it counts where a hand is found, at the first look and after the second, and how long a
picture without a hand takes with and without the second look.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from events.reason import RecordError
from recognition.assets import ensure_landmark_model
from recognition.files import image_files
from recognition.found_hand import FoundHand
from recognition.image import Pixels, decode
from recognition.landmarks import StillLandmarker

FAR = 0.35
EMPTY_PICTURES = 40
# A hand counts as found where it is: mean distance of its points, as a share of its size.
SAME_HAND = 0.25


class FirstLook(StillLandmarker):
    """Without the second."""

    def _look_again(self, pixels: Pixels) -> Sequence[FoundHand]:  # noqa: ARG002
        return []


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("which photographs? python -m benchmarks.second_look FOLDER")
    files = list(image_files([Path(sys.argv[1])]))
    if not files:
        raise SystemExit(f"there are no images below {sys.argv[1]}")
    model = ensure_landmark_model()
    looks = {"first look": FirstLook(model), "with the second": StillLandmarker(model)}
    counts = _count(files, looks)
    table = Table(title=f"{len(files)} photographs")
    for column in (
        "pictures",
        "how many",
        *(f"{look}: {what}" for look in looks for what in ("found", "in its place")),
    ):
        table.add_column(column, justify="right")
    for name, row in counts.items():
        table.add_row(name, *map(str, row))
    console = Console()
    console.print(table)
    empty = np.random.default_rng(0).integers(90, 110, (480, 640, 3), dtype=np.uint8)
    for look, landmarker in looks.items():
        console.print(f"a picture of 640 x 480 without a hand, {look}: {_milliseconds(landmarker, empty):.1f} ms")
        landmarker.close()


def _count(files: Sequence[Path], looks: Mapping[str, StillLandmarker]) -> dict[str, list[int]]:
    harder: dict[str, Callable[[Pixels, np.ndarray], tuple[Pixels, np.ndarray]]] = {"tight": _tight, "far": _far}
    counts = {name: [0] * (1 + 2 * len(looks)) for name in ("as they are", *harder)}
    for file in track(files, description="looking"):
        try:
            pixels = decode(file.read_bytes())
        except RecordError:
            continue
        found = looks["first look"].find(pixels, at_ms=0)
        _add(counts["as they are"], pixels, found[0].landmarks[:, :2] * _size(pixels) if found else None, looks)
        if found:
            place = found[0].landmarks[:, :2] * _size(pixels)
            for name, change in harder.items():
                _add(counts[name], *change(pixels, place), looks)
    return counts


def _add(row: list[int], pixels: Pixels, place: np.ndarray | None, looks: Mapping[str, StillLandmarker]) -> None:
    row[0] += 1
    for number, landmarker in enumerate(looks.values()):
        hands = landmarker.find(pixels, at_ms=0)
        row[1 + 2 * number] += bool(hands)
        if place is not None:
            apart = [np.linalg.norm(hand.landmarks[:, :2] * _size(pixels) - place, axis=1).mean() for hand in hands]
            row[2 + 2 * number] += min(apart, default=np.inf) < SAME_HAND * np.ptp(place, axis=0).max()


def _tight(pixels: Pixels, place: np.ndarray) -> tuple[Pixels, np.ndarray]:
    """Cut around the hand."""
    room = 0.03 * np.ptp(place, axis=0).max()
    left, top = np.maximum(place.min(axis=0) - room, 0).astype(int)
    right, bottom = np.minimum(place.max(axis=0) + room, _size(pixels)).astype(int)
    return np.ascontiguousarray(pixels[top:bottom, left:right]), place - (left, top)


def _far(pixels: Pixels, place: np.ndarray) -> tuple[Pixels, np.ndarray]:
    """The photograph small, in one of the same size that shows nothing."""
    small = cv2.resize(pixels, None, fx=FAR, fy=FAR, interpolation=cv2.INTER_AREA)
    far = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(pixels[:, ::-1]), (0, 0), 25), np.uint8)
    top, left = (far.shape[0] - small.shape[0]) // 3, (far.shape[1] - small.shape[1]) * 2 // 3
    far[top : top + small.shape[0], left : left + small.shape[1]] = small
    return far, place * FAR + (left, top)


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _milliseconds(landmarker: StillLandmarker, pixels: Pixels) -> float:
    seconds = []
    for _ in range(EMPTY_PICTURES):
        began = perf_counter()
        landmarker.find(pixels, at_ms=0)
        seconds.append(perf_counter() - began)
    return median(seconds) * 1000


if __name__ == "__main__":
    main()
