"""Landmark tables: CSV files with the 21 points of one hand and its gesture in each row."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from events.prediction import LANDMARK_COUNT
from recognition.features import Floats
from training.gestures import GESTURES, Strings

_POINTS = tuple((f"x{number}", f"y{number}") for number in range(1, LANDMARK_COUNT + 1))
_SHOWN_ROWS = 5
# Landmarks may leave the picture somewhat; pixels and wrist-normalised tables never fit into this.
_IN_IMAGE = (-0.75, 1.75)
# A hand whose points all fall together says nothing.
_LEAST_SIZE = 1e-6


class TableError(Exception):
    """A table cannot be trained on: the message names the file, how many rows are at fault, which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Labelled hands of unknown handedness.

    points: (n, 21, 2), y down, the same unit on both axes.
    labels: (n,) names of gestures.
    people: (n,) who shows the hand; where a table does not know, each row counts as a person of its own.
    sources: sha256 of each file, by file name.
    skipped: faulty rows that were left out, by file name.
    """

    points: Floats
    labels: Strings
    people: Strings
    sources: Mapping[str, str]
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Fault:
    line: int
    reason: str


def find_tables(paths: Sequence[Path]) -> list[Path]:
    """The files named, and the *.csv below folders. Raises TableError where there is none."""
    tables: list[Path] = []
    for path in paths:
        if not path.exists():
            raise TableError(f"there is no file or folder {path}")
        found = sorted(path.rglob("*.csv")) if path.is_dir() else [path]
        if not found:
            raise TableError(f"there is no *.csv below {path}")
        tables += found
    return tables


def read_tables(paths: Sequence[Path], *, aspect: float | None = None, skip_faulty_rows: bool = False) -> Hands:
    """Read landmark tables. Raises TableError.

    Columns: x1, y1 … x21, y21 and `label`; z columns are not looked at. `user_id` says who shows the hand. The points
    may be in pixels, relative to the wrist, or in 0..1 of the image, which then needs its shape: from columns `width`
    and `height`, else from aspect (width / height).
    skip_faulty_rows: leave out and count rows that cannot be read, instead of refusing the table.
    """
    tables = [_read(path, aspect=aspect, skip_faulty_rows=skip_faulty_rows) for path in paths]
    return Hands(
        points=np.concatenate([table.points for table in tables]),
        labels=np.concatenate([table.labels for table in tables]),
        people=np.concatenate([table.people for table in tables]),
        sources={name: digest for table in tables for name, digest in table.sources.items()},
        skipped={name: count for table in tables for name, count in table.skipped.items() if count},
    )


def faulty_rows(count: int) -> str:
    return "1 faulty row" if count == 1 else f"{count} faulty rows"


def _read(path: Path, *, aspect: float | None, skip_faulty_rows: bool) -> Hands:
    try:
        content = path.read_bytes()
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        columns = set(rows.fieldnames or ())
        _check_columns(path, columns)
        points, labels, people, faults = _read_rows(path, rows)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"{path}: cannot be read as CSV: {error}") from error
    if faults and not skip_faulty_rows:
        raise TableError(f"{path}: {_describe(faults)}; mend them, or leave them out with --skip-faulty-rows")
    if not labels:
        raise TableError(f"{path}: there is no row to train on" + (f": {_describe(faults)}" if faults else ""))
    hands = np.array(points)
    return Hands(
        points=_squared(path, hands, aspect=aspect),
        labels=np.array(labels),
        people=np.array(people),
        sources={path.name: hashlib.sha256(content).hexdigest()},
        skipped={path.name: len(faults)},
    )


def _check_columns(path: Path, columns: set[str]) -> None:
    missing = [name for pair in _POINTS for name in pair if name not in columns]
    missing += [] if "label" in columns else ["label"]
    if missing:
        raise TableError(
            f"{path}: {len(missing)} columns are missing: {', '.join(missing[:_SHOWN_ROWS])}"
            f"{' …' if len(missing) > _SHOWN_ROWS else ''}; needed are x1, y1 … x21, y21 and label"
        )


def _read_rows(
    path: Path, rows: csv.DictReader[str]
) -> tuple[list[list[tuple[float, float]]], list[str], list[str], list[_Fault]]:
    points, labels, people, faults = [], [], [], []
    for row in rows:
        try:
            hand = _hand(row)
        except ValueError as error:
            faults.append(_Fault(rows.line_num, str(error)))
            continue
        points.append(hand)
        labels.append(row["label"])
        people.append(row.get("user_id") or f"{path.name}:{rows.line_num}")
    return points, labels, people, faults


def _hand(row: Mapping[str, str]) -> list[tuple[float, float]]:
    """Raises ValueError that says what is wrong with the row."""
    if row["label"] not in GESTURES:
        raise ValueError(f"unknown label {row['label']!r}")
    try:
        hand = [
            (float(row[x]) * float(row.get("width") or 1), float(row[y]) * float(row.get("height") or 1))
            for x, y in _POINTS
        ]
    except (TypeError, ValueError):
        raise ValueError("a coordinate is missing or is not a number") from None
    extent = np.ptp(np.array(hand), axis=0).max()
    if not np.isfinite(extent):
        raise ValueError("a coordinate is not finite")
    if extent < _LEAST_SIZE:
        raise ValueError("all points fall together")
    return hand


def _squared(path: Path, points: Floats, *, aspect: float | None) -> Floats:
    """Points with the same unit on both axes."""
    relative_to_wrist = np.abs(points[:, 0]).max() < _LEAST_SIZE
    in_image = points.min() >= _IN_IMAGE[0] and points.max() <= _IN_IMAGE[1]
    if relative_to_wrist or not in_image:
        return points
    if aspect is None:
        raise TableError(
            f"{path}: landmarks are in 0..1 of images of unknown shape; add columns width and height, "
            "or say --aspect WIDTH/HEIGHT"
        )
    return np.asarray(points * (aspect, 1.0))


def _describe(faults: Sequence[_Fault]) -> str:
    shown = "; ".join(f"line {fault.line}: {fault.reason}" for fault in faults[:_SHOWN_ROWS])
    more = f" and {len(faults) - _SHOWN_ROWS} more" if len(faults) > _SHOWN_ROWS else ""
    return f"{faulty_rows(len(faults))} ({shown}{more})"
