"""What the retries of the still search find, and what they cost:  python -m benchmarks.still_search FOLDER

Searches the photographs of hands in the folder as they are, and harder ones made of them: cut tightly around the hand,
from further away, and dark. For each it counts where a hand is found, by the first search and with the retries, and how
long an image without a hand takes with and without them.
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
from imaging.decoding import Pixels, decode
from imaging.files import find_images
from recognition.engine.loading import load_engine
from recognition.engine.protocol import HandEngine
from recognition.found_hand import FoundHand
from recognition.still_search import DETECTION_CONFIDENCE, PRESENCE_CONFIDENCE, StillSearch

FAR = 0.35
EMPTY_PICTURES = 40
# A hand counts as found where it is: mean distance of its points, as a share of its size.
SAME_HAND = 0.25


class FirstSearch:
    """Without retries."""

    def __init__(self, engine: HandEngine) -> None:
        self._engine = engine

    def find(self, pixels: Pixels) -> Sequence[FoundHand]:
        return self._engine.find(
            pixels, detection_confidence=DETECTION_CONFIDENCE, presence_confidence=PRESENCE_CONFIDENCE
        )


Search = FirstSearch | StillSearch


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("which photographs? python -m benchmarks.still_search FOLDER")
    files = find_images([Path(sys.argv[1])]).files
    if not files:
        raise SystemExit(f"there are no images below {sys.argv[1]}")
    engine = load_engine()
    looks: dict[str, Search] = {"first search": FirstSearch(engine), "with retries": StillSearch(engine)}
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
    for look, search in looks.items():
        console.print(f"an image of 640 x 480 without a hand, {look}: {_milliseconds(search, empty):.1f} ms")


def _count(files: Sequence[Path], looks: Mapping[str, Search]) -> dict[str, list[int]]:
    harder: dict[str, Callable[[Pixels, np.ndarray], tuple[Pixels, np.ndarray]]] = {
        "tight": _tight,
        "far": _far,
        "dark": _dark,
    }
    counts = {name: [0] * (1 + 2 * len(looks)) for name in ("as they are", *harder)}
    for file in track(files, description="looking"):
        try:
            pixels = decode(file.read_bytes())
        except RecordError:
            continue
        found = looks["with retries"].find(pixels)
        _add(counts["as they are"], pixels, found[0].landmarks[:, :2] * _size(pixels) if found else None, looks)
        if found:
            place = found[0].landmarks[:, :2] * _size(pixels)
            for name, change in harder.items():
                _add(counts[name], *change(pixels, place), looks)
    return counts


def _add(row: list[int], pixels: Pixels, place: np.ndarray | None, looks: Mapping[str, Search]) -> None:
    row[0] += 1
    for number, search in enumerate(looks.values()):
        hands = search.find(pixels)
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


def _dark(pixels: Pixels, place: np.ndarray) -> tuple[Pixels, np.ndarray]:
    """An eighth of the light, with the noise of a sensor that amplifies it."""
    noise = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return np.clip(pixels / 8 + noise, 0, 255).astype(np.uint8), place


def _size(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _milliseconds(search: Search, pixels: Pixels) -> float:
    seconds = []
    for _ in range(EMPTY_PICTURES):
        began = perf_counter()
        search.find(pixels)
        seconds.append(perf_counter() - began)
    return median(seconds) * 1000


if __name__ == "__main__":
    main()
