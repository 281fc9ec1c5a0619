"""Landmark tables: CSV files with the 21 points of one hand and its gesture in each row."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats
from training.hands import DataError, Fault, Hands
from training.labels import unknown_label
from training.points import MISSING_VALUE, fits_image, no_points, point_faults

if TYPE_CHECKING:
    from _csv import Reader

_NUMBERS = range(1, LANDMARK_COUNT + 1)
_POINTS = tuple(f"{axis}{number}" for number in _NUMBERS for axis in "xy")
_DEPTHS = frozenset(f"z{number}" for number in _NUMBERS)
_SIZE = ("width", "height")
_OTHERS = ("user_id", "image_id", "leading_hand", "handedness", *_SIZE)
_SHOWN = 5
ASPECT_WAY_OUT = (
    "landmarks are in 0..1 of images of unknown shape; add columns width and height, or say --aspect WIDTH/HEIGHT"
)


@dataclass(slots=True)
class _Rows:
    """Rows that could be read as text and numbers, one in each list."""

    lines: list[int] = field(default_factory=list)
    numbers: list[list[float]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    sizes: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)


def read_table(
    path: Path,
    *,
    name: str,
    labels: frozenset[str],
    aspect: float | None = None,
    ignore_columns: Sequence[str] = (),
) -> Hands:
    """The hands of one table, those that cannot be used among its faults. Raises DataError for no such table.

    Columns: x1, y1 … x21, y21 and `label`; z columns are not looked at. `user_id` says who shows the hand. The points
    may be in pixels, relative to the wrist, or in 0..1 of the image, which then needs its shape: from columns `width`
    and `height`, else from aspect (width / height).
    name: of the file, as places and sources have it. labels: those that are no mistake.
    """
    try:
        content = path.read_bytes()
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        columns = [column.strip() for column in next(reader, [])]
        _check_columns(path, columns, ignored=ignore_columns)
        rows = _read_rows(reader, columns, labels=labels)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read as CSV: {error}") from error
    points = np.array(rows.numbers).reshape(-1, LANDMARK_COUNT, 2) if rows.numbers else no_points()
    faults = point_faults(points)
    sized = _scales(path, points, rows, faults, aspect=aspect)
    kept = np.array([row for row in range(len(points)) if row not in faults], dtype=int)
    by_line = {**rows.faults, **{rows.lines[row]: reason for row, reason in faults.items()}}
    return Hands(
        points=points[kept] * sized[kept, None, :],
        labels=np.array(rows.labels, dtype=np.str_)[kept],
        people=np.array(rows.people, dtype=np.str_)[kept],
        places=np.array([f"{name}:{rows.lines[row]}" for row in kept], dtype=np.str_),
        sources={name: hashlib.sha256(content).hexdigest()},
        faults=tuple(Fault(f"{name}:{line}", reason) for line, reason in sorted(by_line.items())),
    )


def _check_columns(path: Path, columns: Sequence[str], *, ignored: Sequence[str]) -> None:
    missing = [column for column in (*_POINTS, "label") if column not in columns]
    if missing:
        raise DataError(
            f"{path}: {len(missing)} columns are missing: {_some(missing)}; needed are x1, y1 … x21, y21 and label"
        )
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise DataError(f"{path}: columns that are there more than once: {_some(twice)}; remove all but one of each")
    known = {*_POINTS, *_DEPTHS, *_OTHERS, "label", *ignored}
    unknown = [column for column in columns if column not in known]
    if unknown:
        raise DataError(
            f"{path}: unknown columns: {_some([column or '(without a name)' for column in unknown])}; known are x, y "
            f"and z of 21 points, label, {', '.join(_OTHERS)}; remove the others, or say --ignore-column for each"
        )
    if (_SIZE[0] in columns) != (_SIZE[1] in columns):
        raise DataError(f"{path}: one of the columns width and height is missing: only both say an image's shape")


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")


def _read_rows(reader: Reader, columns: Sequence[str], *, labels: frozenset[str]) -> _Rows:
    rows = _Rows()
    coordinates = itemgetter(*map(columns.index, _POINTS))
    label_at = columns.index("label")
    person_at = columns.index("user_id") if "user_id" in columns else None
    size = itemgetter(*map(columns.index, _SIZE)) if _SIZE[0] in columns else None
    for fields in reader:
        if not fields:
            continue
        line = reader.line_num
        if len(fields) != len(columns):
            rows.faults[line] = f"{len(fields)} fields instead of {len(columns)}"
            continue
        label = fields[label_at].strip()
        if label not in labels:
            rows.faults[line] = unknown_label(label)
            continue
        values = coordinates(fields)
        try:
            numbers = list(map(float, values))
        except ValueError:
            rows.faults[line] = _not_a_number(values)
            continue
        rows.lines.append(line)
        rows.numbers.append(numbers)
        rows.labels.append(label)
        rows.people.append("" if person_at is None else fields[person_at].strip())
        if size is not None:
            rows.sizes.append(size(fields))
    return rows


def _not_a_number(values: Sequence[str]) -> str:
    for column, value in zip(_POINTS, values, strict=True):
        if not value.strip():
            return f"{MISSING_VALUE}: {column} is empty"
        try:
            float(value)
        except ValueError:
            return f"not a number: {column} is {value[:20]!r}"
    raise AssertionError("one of the values was no number")


def _scales(path: Path, points: Floats, rows: _Rows, faults: dict[int, str], *, aspect: float | None) -> Floats:
    """What each hand's x and y are multiplied with, (n, 2), so that both axes have the same unit.

    Adds to the faults the rows that are not in the unit that most rows are in, and those of no size.
    """
    scales = np.ones((len(points), 2))
    usable = np.array([row not in faults for row in range(len(points))], dtype=bool)
    in_image = fits_image(points)
    table_in_image = bool(in_image[usable].sum() * 2 > usable.sum())
    for row in np.flatnonzero(usable & (in_image != table_in_image)).tolist():
        faults[row] = (
            "other unit than the table's: this row reaches out of 0..1 of the image, most rows do not"
            if table_in_image
            else "other unit than the table's: this row is in 0..1 of the image, most rows are not"
        )
    if not table_in_image:
        return scales
    if not rows.sizes:
        if aspect is None:
            raise DataError(f"{path}: {ASPECT_WAY_OUT}")
        return scales * (aspect, 1.0)
    for row, (width, height) in enumerate(rows.sizes):
        try:
            scales[row] = float(width), float(height)
        except ValueError:
            faults.setdefault(row, f"{MISSING_VALUE}: width or height is {width!r}, {height!r}")
            continue
        if not (np.isfinite(scales[row]).all() and scales[row].min() > 0):
            faults.setdefault(row, f"no size of an image: width {width}, height {height}")
    return scales
