"""A film as a picture over time: what it shows, what each frame was named, and the gesture events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evaluation.charts import DPI, INK, RIGHT, WRONG, literal, plain, png, tinted
from evaluation.film.events import JudgedEvent, Verdict
from evaluation.film.figures import JudgedFilm
from evaluation.film.frames import JudgedFrame, JudgedFrames, Part
from evaluation.label_set import SEPARATOR
from events.prediction import NO_GESTURE

_INCHES_PER_SECOND = 0.7
_WIDTH_INCHES = (8.0, 60.0)
_CHARACTER_INCHES = 0.07
_SHOWN = (0x33, 0x33, 0x33)
_NEUTRAL = (0x88, 0x88, 0x88)
_HEIGHT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bar:
    """texts: the longest that fits is written in it."""

    start: float
    end: float
    texts: tuple[str, ...]
    colour: tuple[int, int, int]
    share: float = 1.0


def draw_timeline(film: JudgedFilm) -> bytes:
    """PNG: seconds across; rows for segments, frames, frames as stills where there are some, and events."""
    rows = {
        "shown": [
            _Bar(start=one.start_seconds, end=one.end_seconds, texts=_shortened(one.label), colour=_SHOWN, share=0.55)
            for one in film.film.segments
        ],
        "frames": list(_runs(film, film.frames)),
        **({} if film.stills is None else {"as stills": list(_runs(film, film.stills))}),
        "events": [_event(film, one) for one in film.events.events],
    }
    seconds = max(film.film.duration_seconds, 1.0)
    width = min(max(_WIDTH_INCHES[0], seconds * _INCHES_PER_SECOND), _WIDTH_INCHES[1])
    figure = Figure(figsize=(width, 0.75 + 0.42 * len(rows)), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    for row, bars in enumerate(rows.values()):
        for bar in bars:
            _draw(axes, bar, row=row, inches_per_second=width / seconds)
    axes.set_xlim(0, seconds)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), list(rows), fontsize=9)
    axes.set_xlabel("seconds", fontsize=9, color=INK)
    axes.tick_params(which="both", length=0, labelsize=8.5, colors=INK)
    axes.grid(visible=True, axis="x", color="#e4e4e4", linewidth=0.6)
    axes.set_axisbelow(True)
    plain(axes)
    return png(figure)


def _runs(film: JudgedFilm, judged: JudgedFrames) -> Iterator[_Bar]:
    """Frames in a row that were named and judged alike; those without a hand or a gesture that are right stay blank."""
    period = film.film.duration_seconds / max(1, len(film.film.frames))

    def kind(frame: JudgedFrame) -> tuple[str | None, bool, Part]:
        return frame.named, frame.is_right, frame.part

    for (named, is_right, part), run in groupby(judged.timeline, key=kind):
        frames = list(run)
        if is_right and named in (None, NO_GESTURE):
            continue
        colour = _NEUTRAL if part is Part.TRANSITION and is_right else RIGHT if is_right else WRONG
        yield _Bar(
            start=frames[0].at_seconds,
            end=frames[-1].at_seconds + period,
            texts=(named or "no hand",),
            colour=colour,
            share=0.35 if named in (None, NO_GESTURE) else 1.0,
        )


def _event(film: JudgedFilm, one: JudgedEvent) -> _Bar:
    event = one.event
    end = film.film.duration_seconds if event.ended_seconds is None else event.ended_seconds
    colour = WRONG if one.is_false else _NEUTRAL if one.verdict is Verdict.ALLOWED else RIGHT
    judged = () if one.verdict is Verdict.CORRECT else (f"{event.gesture} ({one.verdict.value})",)
    return _Bar(
        start=event.started_seconds,
        end=max(end, event.started_seconds + 0.02),
        texts=(*judged, event.gesture),
        colour=colour,
        share=0.6 if one.verdict is Verdict.LATE else 1.0,
    )


def _shortened(label: str) -> tuple[str, str]:
    return label, label.split(SEPARATOR, maxsplit=1)[0]


def _draw(axes: Axes, bar: _Bar, *, row: int, inches_per_second: float) -> None:
    axes.barh(
        row,
        bar.end - bar.start,
        left=bar.start,
        height=_HEIGHT,
        color=tinted(bar.colour, share=bar.share),
        edgecolor="white",
        linewidth=0.8,
    )
    room = int((bar.end - bar.start) * inches_per_second / _CHARACTER_INCHES)
    text = next((one for one in literal(bar.texts) if len(one) <= room), None)
    if text is not None:
        axes.text(
            (bar.start + bar.end) / 2, row, text, ha="center", va="center", fontsize=8,
            color="white" if bar.share > 0.5 else INK,
        )  # fmt: skip
