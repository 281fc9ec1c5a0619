"""What the columns of a table without a header hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats
from training.hands import DataError
from training.table_text import DELIMITERS, TableText

# Of the rows, the share in which one order of the columns has to make the shorter bones. It is 0.99 or more in each of
# the tables it was tried on: pixels, 0..1 of the image and relative to the wrist, with z and without.
_AGREED: Final = 0.9
_ROWS: Final = 500
# Each point beside the one before it on its finger; the fingers begin at the wrist.
_BONES: Final = np.array([(0 if number % 4 == 1 else number - 1, number) for number in range(1, LANDMARK_COUNT)])


def guess_columns(path: Path, text: TableText, *, option: str) -> list[str]:
    """Names for the columns of a table without a header: one of texts, which is the label, and 42 or 63 of numbers.

    The coordinates come point by point (x, y of the first, then of the second) or axis by axis (all x, then all y):
    whichever makes the shorter bones. Another column of whole numbers before them is an index.
    Raises DataError that says what was found, and names the option that says what the columns are.
    """
    fields = text.first
    texts = [at for at, field in enumerate(fields) if not text.is_number(field)]
    numbers = [at for at in range(len(fields)) if at not in texts]
    indexed = len(numbers) % LANDMARK_COUNT == 1 and fields[numbers[0]].strip().isdecimal()
    coordinates = numbers[1:] if indexed else numbers
    axes = len(coordinates) // LANDMARK_COUNT
    if len(texts) != 1 or len(coordinates) not in (2 * LANDMARK_COUNT, 3 * LANDMARK_COUNT):
        raise DataError(
            f"{path}: there is no header, and the first row has {len(numbers)} numbers and {len(texts)} texts "
            f"(separated by {DELIMITERS[text.delimiter]}); needed are 42 or 63 numbers and a label; {option} says what "
            f"the columns are, such as {option} label,xyz"
        )
    layout = _layout(path, text, coordinates, axes=axes, option=option)
    names = [""] * len(fields)
    names[texts[0]] = "label"
    for at, name in zip(coordinates, layout, strict=True):
        names[at] = name
    return names


def _layout(path: Path, text: TableText, at: Sequence[int], *, axes: int, option: str) -> list[str]:
    values = _values(text, at)
    by_point = values.reshape(-1, LANDMARK_COUNT, axes)
    by_axis = values.reshape(-1, axes, LANDMARK_COUNT).transpose(0, 2, 1)
    share = float(np.mean(_bones(by_point) < _bones(by_axis))) if len(values) else 1.0
    names = "xyz"[:axes]
    if share >= _AGREED:
        return [f"{axis}{number}" for number in range(LANDMARK_COUNT) for axis in names]
    if share <= 1 - _AGREED:
        return [f"{axis}{number}" for axis in names for number in range(LANDMARK_COUNT)]
    raise DataError(
        f"{path}: there is no header, and the order of the {len(at)} coordinates is not clear; {option} says it, such "
        f"as {option} {names},label (point by point) or {option} {','.join(names)},label (axis by axis)"
    )


def _values(text: TableText, at: Sequence[int]) -> Floats:
    rows = []
    for _, fields in islice(text.rows(), _ROWS):
        try:
            rows.append([text.number(fields[column]) for column in at])
        except (ValueError, IndexError):
            continue  # A faulty row, which whoever reads them all will name.
    values = np.array(rows).reshape(-1, len(at))
    return np.asarray(values[np.isfinite(values).all(axis=1)])


def _bones(points: Floats) -> Floats:
    """Length of all bones of hands (n, 21, axes) together (n,)."""
    return np.asarray(np.linalg.norm(points[:, _BONES[:, 0]] - points[:, _BONES[:, 1]], axis=2).sum(axis=1))
