"""Films in a file, for the processes that play them. Needs numpy alone, so that the peers' environment can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Encoded images of one camera in order, to be played in a loop. width, height: pixels, 0 where they vary."""

    images: tuple[bytes, ...]
    width: int
    height: int

    def image(self, sequence: int) -> bytes:
        return self.images[sequence % len(self.images)]


def save_films(films: Sequence[Film], path: Path) -> None:
    arrays = {}
    for number, film in enumerate(films):
        arrays[f"bytes{number}"] = np.frombuffer(b"".join(film.images), np.uint8)
        arrays[f"sizes{number}"] = np.array([len(image) for image in film.images], np.int64)
        arrays[f"shape{number}"] = np.array([film.width, film.height], np.int64)
    with path.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]


def load_films(path: Path) -> list[Film]:
    films = []
    with np.load(path) as arrays:
        for number in range(len(arrays.files) // 3):
            whole = arrays[f"bytes{number}"].tobytes()
            ends = list(accumulate(arrays[f"sizes{number}"].tolist()))
            width, height = arrays[f"shape{number}"].tolist()
            images = tuple(whole[start:end] for start, end in zip([0, *ends], ends, strict=False))
            films.append(Film(images=images, width=width, height=height))
    return films
