"""Landmark tables: files with the 21 points of one hand and its gesture in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np

from events.prediction import LANDMARK_COUNT, Handedness
from recognition.features import Floats
from training.hands import DataError, Fault, Hands, Strings
from training.labels import unknown_label
from training.points import MISSING_VALUE, fits_image, no_points, point_faults
from training.table_columns import COLUMNS_OPTION, IGNORE_OPTION, Columns, find_columns
from training.table_text import TableText, read_text

ASPECT_WAY_OUT = (
    "landmarks are in 0..1 of images of unknown shape; add columns width and height, or say --aspect WIDTH/HEIGHT"
)
# A hand in metres, from its leftmost to its rightmost point or from the upper to the lower: the median of a table.
_WORLD_EXTENT_M: Final = (0.03, 0.5)
_HANDEDNESS: Final[Mapping[str, str]] = {
    "": "", **{name: one.value for one in Handedness for name in (one.value, one.value[0])}
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row that could be read as text and numbers. texts: by the name of the column."""

    line: int
    points: Floats
    world: Floats | None
    score: float
    texts: Mapping[str, str]


@dataclass(slots=True)
class _Rows:
    rows: list[_Row] = field(default_factory=list)
    faults: dict[int, str] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        return [row.texts.get(name, "") for row in self.rows]


def read_table(
    path: Path,
    *,
    name: str,
    labels: frozenset[str],
    aspect: float | None = None,
    ignore_columns: Sequence[str] = (),
    columns: str | None = None,
) -> Hands:
    """The hands of one table, those that cannot be used among its faults. Raises DataError for no such table.

    The form is described in docs/data.md. The points may be in pixels, relative to the wrist, or in 0..1 of the image,
    which then needs its shape: from columns `width` and `height`, else from aspect (width / height).
    name: of the file, as places, files and sources have it. labels: those that are no mistake.
    ignore_columns: names or patterns of columns that are of no use here. columns: what the columns are called, see
    table_columns.expand; else their header says it.
    """
    text = read_text(path)
    layout = find_columns(path, text, ignored=ignore_columns, given=columns)
    if columns is None:
        _check_unnamed(path, text, layout)
    read = _read_rows(text, layout, labels=labels)
    points = np.array([row.points for row in read.rows]).reshape(-1, LANDMARK_COUNT, 2) if read.rows else no_points()
    faults = point_faults(points)
    scales = _scales(path, points, read, faults, aspect=aspect)
    kept = np.array([row for row in range(len(points)) if row not in faults], dtype=int)
    by_line = {**read.faults, **{read.rows[row].line: reason for row, reason in faults.items()}}
    hands = Hands.of(
        points=points * scales[:, None, :],
        labels=_texts(read.texts("label")),
        people=_texts(read.texts("user_id")),
        places=_texts([f"{name}:{row.line}" for row in read.rows]),
        sources=_texts([source or name for source in read.texts("source")]),
        groups=_groups(read, name=name),
        kinds=_texts(read.texts("kind")),
        near=_texts(read.texts("near")),
        world=_world(path, read),
        handedness=_texts(read.texts("handedness")),
        scores=np.array([row.score for row in read.rows], dtype=float),
        files={name: text.sha256},
        faults=tuple(Fault(f"{name}:{line}", reason) for line, reason in sorted(by_line.items())),
    )
    return hands.take(kept)


def _check_unnamed(path: Path, text: TableText, layout: Columns) -> None:
    """A column without a name is one of row numbers, or of nothing where each row ends with a delimiter."""
    for at in layout.unnamed:
        values = [fields[at].strip() for _, fields in text.rows() if len(fields) == len(layout.names)]
        other = next((value for value in values if value and not value.isdecimal()), None)
        if other is not None and text.names is not None:
            raise DataError(
                f"{path}: unknown columns: number {at + 1} has no name, and {other[:20]!r} in it is no row number; "
                f"name it, or say what all columns are with {COLUMNS_OPTION}"
            )


def _read_rows(text: TableText, layout: Columns, *, labels: frozenset[str]) -> _Rows:
    read = _Rows()
    points, world = itemgetter(*layout.points), itemgetter(*layout.world) if layout.world else None
    for line, fields in text.rows():
        if len(fields) != len(layout.names):
            read.faults[line] = f"{len(fields)} fields instead of {len(layout.names)}"
            continue
        texts = {name: fields[at].strip() for name, at in layout.texts.items()}
        try:
            _check_texts(texts, labels=labels)
            row = _Row(
                line=line,
                points=_numbers(text, points(fields), layout.points, layout.names),
                world=_world_of(text, world(fields), layout) if world else None,
                score=_score(text, texts.get("score", "")),
                texts=texts,
            )
        except ValueError as fault:
            read.faults[line] = str(fault)
        else:
            read.rows.append(row)
    return read


def _check_texts(texts: dict[str, str], *, labels: frozenset[str]) -> None:
    """Raises ValueError that says what is wrong with a row; brings the handedness to the form that ours has."""
    if texts["label"] not in labels:
        raise ValueError(unknown_label(texts["label"]))
    near = texts.get("near", "")
    if near and near not in labels:
        raise ValueError(f"near: {unknown_label(near)}")
    handedness = texts.get("handedness", "")
    if handedness.lower() not in _HANDEDNESS:
        raise ValueError(
            f"unknown handedness: {handedness[:20]!r} is neither left nor right ({IGNORE_OPTION} handedness)"
        )
    texts["handedness"] = _HANDEDNESS[handedness.lower()]


def _numbers(text: TableText, values: Sequence[str], positions: Sequence[int], names: Sequence[str]) -> Floats:
    """What stands in some fields. Raises ValueError that names the first fault."""
    try:
        return np.array(list(map(text.number, values)))
    except ValueError:
        pass
    for at, value in zip(positions, values, strict=True):
        if not value.strip():
            raise ValueError(f"{MISSING_VALUE}: {names[at]} is empty")
        if not text.is_number(value):
            raise ValueError(f"not a number: {names[at]} is {value[:20]!r}")
    raise AssertionError("one of the values was no number")


def _world_of(text: TableText, values: Sequence[str], layout: Columns) -> Floats | None:
    """None where there are none: all fields are empty, or not a number."""
    if not any(value.strip() for value in values):
        return None
    numbers = _numbers(text, values, layout.world or (), layout.names)
    if np.isnan(numbers).all():
        return None
    if not np.isfinite(numbers).all():
        raise ValueError("a world landmark is not finite")
    return numbers


def _score(text: TableText, value: str) -> float:
    if not value:
        return np.nan
    score = text.number(value) if text.is_number(value) else np.nan
    if not 0 <= score <= 1:
        raise ValueError(f"unknown score: {value[:20]!r} is not in 0..1 ({IGNORE_OPTION} score)")
    return score


def _groups(read: _Rows, *, name: str) -> Strings:
    """Groups of two sources may have the same name. A table that names its sources makes each a group at least."""
    sources, groups = read.texts("source"), read.texts("group")
    return _texts([
        f"{source or name}/{group}" if source or group else ""
        for source, group in zip(sources, groups, strict=True)
    ])  # fmt: skip


def _texts(values: Sequence[str]) -> Strings:
    return np.array(values, dtype=np.str_)


def _world(path: Path, read: _Rows) -> Floats:
    """(n, 21, 3). Raises DataError where they are in another unit than metres."""
    nothing = np.full(3 * LANDMARK_COUNT, np.nan)
    rows = [nothing if row.world is None else row.world for row in read.rows]
    world = np.array(rows).reshape(-1, LANDMARK_COUNT, 3)
    known = world[~np.isnan(world[:, 0, 0])]
    extent = float(np.median(np.ptp(known, axis=1).max(axis=1))) if len(known) else None
    if extent is not None and not _WORLD_EXTENT_M[0] <= extent <= _WORLD_EXTENT_M[1]:
        raise DataError(
            f"{path}: by its world landmarks a hand measures {extent:.3g}, which cannot be metres; convert them, or "
            f"leave them out with {IGNORE_OPTION} 'w*'"
        )
    return world


def _scales(path: Path, points: Floats, read: _Rows, faults: dict[int, str], *, aspect: float | None) -> Floats:
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
    if "width" not in read.rows[0].texts:
        if aspect is None:
            raise DataError(f"{path}: {ASPECT_WAY_OUT}")
        return scales * (aspect, 1.0)
    for row, (width, height) in enumerate(zip(read.texts("width"), read.texts("height"), strict=True)):
        try:
            scales[row] = float(width), float(height)
        except ValueError:
            faults.setdefault(row, f"{MISSING_VALUE}: width or height is {width!r}, {height!r}")
            continue
        if not (np.isfinite(scales[row]).all() and scales[row].min() > 0):
            faults.setdefault(row, f"no size of an image: width {width}, height {height}")
    return scales
