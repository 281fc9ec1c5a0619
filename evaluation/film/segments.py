"""What a film shows and when, as whoever watched it wrote it down."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from evaluation.label_set import accepted, parse_label
from events.prediction import NO_GESTURE, Handedness
from imaging.files import PathError, check_regular

_SECONDS = ("start", "end")
_FRAMES = ("start_frame", "end_frame")
_COLUMNS = (*_SECONDS, *_FRAMES, "gesture", "hand", "note")
_COMMENT = "#"
_ROUNDING_SECONDS = 0.002


class SegmentsError(ValueError):
    """The segments cannot be used: one clear line that names the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A stretch of a film, from start up to but not including end, in seconds from the film's first frame.

    label: the gesture, or a set of them of which each is right. With `no_gesture` in the set, a gesture may be named
    and need not be. hand: the one that shows it; None where that does not matter.
    """

    start_seconds: float
    end_seconds: float
    label: str
    hand: Handedness | None = None

    @property
    def shows_gesture(self) -> bool:
        return NO_GESTURE not in accepted(self.label)

    def accepts(self, gesture: str, *, hand: Handedness) -> bool:
        return gesture in accepted(self.label) and self.hand in (None, hand)

    def distance_seconds(self, at_seconds: float) -> float:
        """0 within the segment."""
        return max(self.start_seconds - at_seconds, at_seconds - self.end_seconds, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Of one film, by start. At most one at a time, or one for each hand."""

    items: tuple[Segment, ...] = ()

    @classmethod
    def of(cls, items: Iterable[Segment]) -> Self:
        """Raises SegmentsError for segments that overlap and are not of different hands."""
        ordered = tuple(sorted(items, key=lambda one: (one.start_seconds, one.end_seconds)))
        for number, one in enumerate(ordered):
            for other in ordered[number + 1 :]:
                if other.start_seconds >= one.end_seconds:
                    break
                if None in (one.hand, other.hand) or one.hand is other.hand:
                    raise SegmentsError(
                        f"{one.label} at {one.start_seconds:g} to {one.end_seconds:g} s and {other.label} at "
                        f"{other.start_seconds:g} to {other.end_seconds:g} s overlap: "
                        "give both a different hand, or let one end where the other starts"
                    )
        return cls(items=ordered)

    def __iter__(self) -> Iterator[Segment]:
        return iter(self.items)

    def at(self, seconds: float) -> tuple[Segment, ...]:
        # Times in films are rounded: the frame that a segment starts with must not fall before it.
        seconds += _ROUNDING_SECONDS
        return tuple(one for one in self.items if one.start_seconds <= seconds < one.end_seconds)

    def near(self, seconds: float, *, within_seconds: float) -> tuple[Segment, ...]:
        return tuple(one for one in self.items if one.distance_seconds(seconds) <= within_seconds)

    def boundaries(self, *, first_seconds: float, last_seconds: float) -> tuple[float, ...]:
        """Where segments start and end between a film's first and last frame. What is shown when the film begins or
        ends has no boundary there."""
        every = {moment for one in self.items for moment in (one.start_seconds, one.end_seconds)}
        return tuple(sorted(moment for moment in every if first_seconds < moment <= last_seconds))


def read_segments(path: Path, *, frame_rate_hz: float) -> Segments:
    """Read CSV with the columns `start`, `end` (seconds) or `start_frame`, `end_frame` (numbers of the first and last
    frame, from 0), and `gesture`; `hand` (left, right or empty) and `note` may be there. Lines that begin with # are
    comments. frame_rate_hz: of the film, for frame numbers.

    Raises SegmentsError; a file that cannot be read is one too.
    """
    try:
        check_regular(path)
        text = path.read_text(encoding="utf-8-sig")
    except PathError as error:
        raise SegmentsError(str(error)) from error
    except OSError as error:
        raise SegmentsError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SegmentsError(f"{path} is not UTF-8 text") from error
    # Comments stay as empty lines, so that the reader's line numbers are those of the file.
    lines = ["" if line.lstrip().startswith(_COMMENT) else line for line in text.splitlines()]
    above = next((number for number, line in enumerate(lines) if line.strip()), 0)
    rows = csv.DictReader(io.StringIO("\n".join(lines[above:])), skipinitialspace=True)
    columns = [name.strip() for name in rows.fieldnames or ()]
    rows.fieldnames = columns
    places = _check_columns(path, columns)
    found = []
    for row in rows:
        try:
            found.append(_segment(row, places, frame_rate_hz=frame_rate_hz))
        except ValueError as error:
            raise SegmentsError(f"{path}, line {above + rows.line_num}: {error}") from error
    try:
        return Segments.of(found)
    except SegmentsError as error:
        raise SegmentsError(f"{path}: {error}") from error


def _check_columns(path: Path, columns: Sequence[str]) -> tuple[str, str]:
    unknown = [name for name in columns if name not in _COLUMNS]
    places = [pair for pair in (_SECONDS, _FRAMES) if set(pair) <= set(columns)]
    if unknown or len(places) != 1 or "gesture" not in columns:
        told = f"has the unknown column {unknown[0][:40]!r}" if unknown else f"has the columns {', '.join(columns)}"
        raise SegmentsError(
            f"{path} {told if columns else 'is empty'}; the columns are start, end (seconds) or start_frame, "
            "end_frame, then gesture, and if needed hand, note"
        )
    return places[0]


def _segment(row: Mapping[str, str | None], places: tuple[str, str], *, frame_rate_hz: float) -> Segment:
    start, end = (_number(row, name, whole=places is _FRAMES) for name in places)
    if places is _FRAMES:
        start, end = start / frame_rate_hz, (end + 1) / frame_rate_hz
    if end <= start:
        raise ValueError(f"the segment ends at {row[places[1]]}, not after its start at {row[places[0]]}")
    label = parse_label((row["gesture"] or "").strip())
    hand = (row.get("hand") or "").strip().lower()
    if hand not in ("", *Handedness):
        raise ValueError(f"hand is {hand[:40]!r}, not left, right or empty")
    return Segment(start_seconds=start, end_seconds=end, label=label, hand=Handedness(hand) if hand else None)


def _number(row: Mapping[str, str | None], name: str, *, whole: bool) -> float:
    text = (row[name] or "").strip()
    try:
        value = float(int(text)) if whole else float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        kind = "the number of a frame, from 0" if whole else "a number of seconds, from 0"
        raise ValueError(f"{name} is {text[:40]!r}, not {kind}")
    return value
