"""Folders of photographs by class: landmarks found in parallel, and kept for the next time."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.progress import track

from events.prediction import NO_GESTURE
from events.reason import RecordError
from imaging.files import path_text, read_image_file
from recognition.features import Floats, square_pixels
from training.faults import NO_HAND
from training.hands import Fault, Hands
from training.labels import unknown_label
from training.landmark_cache import CachedHand, LandmarkCache, Searched
from training.points import no_points, world_of

if TYPE_CHECKING:
    from recognition.still_search import StillSearch

_AT_ONCE = 4  # photographs waiting for each thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """label: the name of its folder. place: as faults and reports name it."""

    path: Path
    label: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """sha256: of the file; "" where it could not be read, with the reason why."""

    photograph: Photograph
    sha256: str = ""
    searched: Searched | None = None
    reason: str = ""


def read_photographs(
    photographs: Sequence[Photograph],
    *,
    name: str,
    labels: frozenset[str],
    cache_dir: Path,
    console: Console | None = None,
) -> Hands:
    """The hands in photographs of one folder. Raises AssetError where the landmark model cannot be had.

    Photographs that cannot be read, or in which no hand is found, are among the faults. Of a photograph of a gesture,
    the hand that fills the larger box is taken: the other one, if there is any, does nothing in particular. Of one
    without a gesture, all hands are taken.

    name: of the folder, which counts as one source; its sum is made from names and contents of the photographs.
    labels: those that are no mistake. cache_dir: below it, what was found is kept by the sum of each file.
    console: shows a progress bar and what was chosen; None: silence.
    """
    known = [one for one in photographs if one.label in labels]
    faults = [Fault(one.place, f"folder of no class: {unknown_label(one.label)}") for one in photographs
              if one.label not in labels]  # fmt: skip
    rows: list[tuple[CachedHand, Floats, Photograph]] = []
    sums = hashlib.sha256()
    without_hand = several = 0
    for seen in _progress(_search_all(known, LandmarkCache(cache_dir)), total=len(known), console=console):
        photograph = seen.photograph
        sums.update(f"{photograph.label}/{path_text(photograph.path.name)} {seen.sha256}\n".encode())
        if seen.searched is None:
            faults.append(Fault(photograph.place, f"unreadable photograph: {seen.reason}"))
            continue
        found = [(hand, _points(hand, seen.searched)) for hand in seen.searched.hands]
        if not found:
            without_hand += 1
            faults.append(Fault(photograph.place, f"{NO_HAND} was found in the photograph"))
            continue
        if photograph.label != NO_GESTURE and len(found) > 1:
            several += 1
            found = [max(found, key=lambda one: float(np.ptp(one[1], axis=0).prod()))]
        rows += [(hand, points, photograph) for hand, points in found]
    searched = Counter(one.label for one in known)
    faults += [
        Fault(f"{name}/{label}", f"empty class: no hand was found in any of its photographs ({searched[label]:,})")
        for label in sorted(searched.keys() - {one.label for _, _, one in rows})
    ]
    if several and console is not None:
        told = "1 photograph of a gesture shows" if several == 1 else f"{several:,} photographs of a gesture show"
        console.print(
            f"{name}: {told} more than one hand; the larger one was taken",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    return Hands.of(
        points=np.stack([points for _, points, _ in rows]) if rows else no_points(),
        labels=np.array([one.label for _, _, one in rows], dtype=np.str_),
        places=np.array([one.place for _, _, one in rows], dtype=np.str_),
        sources=np.full(len(rows), name),
        world=world_of([hand.world_landmarks for hand, _, _ in rows]),
        handedness=np.array([hand.handedness.value for hand, _, _ in rows], dtype=np.str_),
        scores=np.array([hand.score for hand, _, _ in rows], dtype=float),
        files={name: sums.hexdigest()},
        faults=tuple(faults),
        without_hand=without_hand,
    )


def _progress(items: Iterable[_Seen], *, total: int, console: Console | None) -> Iterable[_Seen]:
    if console is None or not total:
        return items
    return track(items, description="landmarks", total=total, console=console, disable=not console.is_terminal)


def _search_all(photographs: Sequence[Photograph], cache: LandmarkCache) -> Iterator[_Seen]:
    """In the order given, with a few photographs under way at once: the engine lets other threads run meanwhile."""
    threads = os.cpu_count() or 1
    pending: deque[Future[_Seen]] = deque()
    search = _Search(cache)
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="landmarks")
    try:
        for photograph in photographs:
            pending.append(pool.submit(search, photograph))
            if len(pending) > threads * _AT_ONCE:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


class _Search:
    """Looks a photograph up, and searches it where it is new."""

    def __init__(self, cache: LandmarkCache) -> None:
        self._cache = cache
        self._search: StillSearch | None = None
        self._lock = threading.Lock()

    def __call__(self, photograph: Photograph) -> _Seen:
        try:
            image = read_image_file(photograph.path)
            sha256 = hashlib.sha256(image).hexdigest()
            searched = self._cache.get(sha256)
            if searched is None:
                searched = self._find(image)
                self._cache.put(sha256, searched)
        except RecordError as error:
            return _Seen(photograph=photograph, reason=str(error))
        except OSError as error:
            return _Seen(photograph=photograph, reason=error.strerror or str(error))
        return _Seen(photograph=photograph, sha256=sha256, searched=searched)

    def _find(self, image: bytes) -> Searched:
        # Loading it takes longer than reading thousands of photographs that are known already.
        from imaging.decoding import decode  # noqa: PLC0415

        pixels = decode(image)
        found = self._still_search().find(pixels)
        height, width = pixels.shape[:2]
        hands = [
            CachedHand(
                handedness=hand.handedness,
                score=round(hand.score, 4),
                landmarks=_tuples(hand.landmarks),
                world_landmarks=None if hand.world_landmarks is None else _tuples(hand.world_landmarks),
            )
            for hand in found
        ]
        return Searched(width=width, height=height, hands=hands)

    def _still_search(self) -> StillSearch:
        from recognition.engine.loading import load_engine  # noqa: PLC0415
        from recognition.still_search import StillSearch  # noqa: PLC0415

        # One thread fetches and loads the model, the others wait for it.
        with self._lock:
            if self._search is None:
                self._search = StillSearch(load_engine())
            return self._search


def _points(hand: CachedHand, searched: Searched) -> Floats:
    """(21, 2) in square pixels."""
    return square_pixels(np.array(hand.landmarks), width=searched.width, height=searched.height)


def _tuples(landmarks: Floats) -> tuple[tuple[float, float, float], ...]:
    return tuple(map(tuple, landmarks.round(6).tolist()))
