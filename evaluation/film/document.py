"""The evaluation of films as JSON."""

from __future__ import annotations

from typing import Any

from evaluation.document import encoded, number, rate, whole
from evaluation.film.events import JudgedEvent
from evaluation.film.figures import (
    Comparison,
    Delay,
    EventFigures,
    FilmFigures,
    FrameFigures,
    JudgedFilm,
    StreamEvaluation,
)
from evaluation.film.per_minute import PerMinute
from evaluation.film.segments import Segment
from evaluation.subject import Subject


def document(evaluation: StreamEvaluation, subject: Subject) -> bytes:
    """The document of all judged frames, as for pictures, with what the stream did under `stream`."""
    stream = {
        "transition_seconds": evaluation.rules.transition_seconds,
        "late_seconds": evaluation.rules.late_seconds,
        **_figures(evaluation.figures),
        "films": {film.film.name: _film(film) for film in evaluation.films},
    }
    return encoded({**whole(evaluation.frames, subject), "stream": stream})


def _film(film: JudgedFilm) -> dict[str, Any]:
    return {
        **_figures(film.figures),
        "segments": [_segment(one) for one in film.film.segments],
        "missed": [_segment(one) for one in film.events.missed],
        "gesture_events": [_event(one) for one in film.events.events],
    }


def _figures(figures: FilmFigures) -> dict[str, Any]:
    return {
        "seconds": number(figures.seconds),
        "frames": _frames(figures.frames),
        "events": _events(figures.events),
        "stills": None if figures.stills is None else _stills(figures.stills),
    }


def _frames(frames: FrameFigures) -> dict[str, Any]:
    return {
        "shown": rate(frames.shown),
        "shown_found": rate(frames.shown_found),
        "other": rate(frames.other),
        "other_found": rate(frames.other_found),
        "transition": rate(frames.transition),
    }


def _events(events: EventFigures) -> dict[str, Any]:
    return {
        "detected": rate(events.detected),
        "missed": events.missed,
        "late": rate(events.late),
        "repeated": events.repeated,
        "false_per_minute": _per_minute(events.false_per_minute),
        "delay": _delay(events.delay),
        "end_delay": _delay(events.end_delay),
    }


def _stills(one: Comparison) -> dict[str, Any]:
    return {
        "right_on_stream": rate(one.stream),
        "right_as_stills": rate(one.stills),
        "only_on_stream": one.only_stream,
        "only_as_stills": one.only_stills,
    }


def _per_minute(one: PerMinute) -> dict[str, Any]:
    return {"value": number(one.value), "low": number(one.low), "high": number(one.high), "count": one.count}


def _delay(one: Delay) -> dict[str, Any]:
    return {
        "count": one.count,
        "median_seconds": number(one.median_seconds),
        "p95_seconds": number(one.p95_seconds),
    }


def _segment(one: Segment) -> dict[str, Any]:
    return {
        "start_seconds": number(one.start_seconds),
        "end_seconds": number(one.end_seconds),
        "label": one.label,
        "hand": one.hand,
    }


def _event(one: JudgedEvent) -> dict[str, Any]:
    event = one.event
    return {
        "gesture": event.gesture,
        "hand": event.hand,
        "started_seconds": number(event.started_seconds),
        "ended_seconds": None if event.ended_seconds is None else number(event.ended_seconds),
        "verdict": one.verdict,
        "delay_seconds": None if one.delay_seconds is None else number(one.delay_seconds),
    }
