"""Gesture events held against a film's segments: which are right, late, repeated or spurious, and what was missed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from evaluation.film.segments import Segment, Segments
from events.prediction import Handedness


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownEvent:
    """A gesture that started, in seconds of the film. started_seconds, ended_seconds: of the frames that settled it,
    which is when whoever listens is told. ended_seconds is None where it never ended."""

    gesture: str
    hand: Handedness
    started_seconds: float
    ended_seconds: float | None


class Verdict(StrEnum):
    """correct, late: the first of a segment, in time or not. repeated: a further one of the same segment. spurious:
    nobody shows it. allowed: in a segment that leaves open whether there is a gesture."""

    CORRECT = "correct"
    LATE = "late"
    REPEATED = "repeated"
    SPURIOUS = "spurious"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedEvent:
    """delay_seconds: from the segment's start until the event; end_delay_seconds: from the segment's end until the
    event's end, None where either has none. Below 0: earlier than it was written down."""

    event: ShownEvent
    verdict: Verdict
    segment: Segment | None = None
    delay_seconds: float | None = None
    end_delay_seconds: float | None = None

    @property
    def is_false(self) -> bool:
        return self.verdict in (Verdict.SPURIOUS, Verdict.REPEATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedEvents:
    """events: in the order in which they started. expected: the segments that show a gesture. missed: those of them
    that no event belongs to."""

    events: tuple[JudgedEvent, ...]
    expected: tuple[Segment, ...]
    missed: tuple[Segment, ...]


def judge_events(
    events: Iterable[ShownEvent],
    segments: Segments,
    *,
    film_end_seconds: float,
    transition_seconds: float,
    late_seconds: float,
) -> JudgedEvents:
    """Each event belongs to at most one segment and each segment has at most one event that is its own: the first of
    its gesture that starts within it or within transition_seconds of it.

    A segment whose gesture was already held when it started is not missed, although the event that started too early is
    spurious, unless another segment accounts for it. film_end_seconds: a gesture shown until then has no end to be late
    for, and is not missed where its event would not even have been late by then.
    """
    expected = tuple(one for one in segments if one.shows_gesture)
    open_to_both = tuple(one for one in segments if not one.shows_gesture)
    own: dict[Segment, ShownEvent] = {}
    judged: list[JudgedEvent] = []
    for event in sorted(events, key=lambda one: one.started_seconds):
        fitting = _fitting(event, expected, transition_seconds)
        first = next((segment for segment in fitting if segment not in own), None)
        if first is not None:
            own[first] = event
            judged.append(_hit(event, first, film_end_seconds=film_end_seconds, late_seconds=late_seconds))
        elif fitting:
            judged.append(JudgedEvent(event=event, verdict=Verdict.REPEATED, segment=fitting[0]))
        elif _fitting(event, open_to_both, transition_seconds):
            judged.append(JudgedEvent(event=event, verdict=Verdict.ALLOWED))
        else:
            judged.append(JudgedEvent(event=event, verdict=Verdict.SPURIOUS))
    unowned = [one.event for one in judged if one.verdict in (Verdict.SPURIOUS, Verdict.ALLOWED)]
    missed = tuple(
        one
        for one in expected
        if one not in own
        and not any(_held_at(event, one) for event in unowned)
        and not _is_cut_off(one, film_end_seconds=film_end_seconds, late_seconds=late_seconds)
    )
    return JudgedEvents(events=tuple(judged), expected=expected, missed=missed)


def _fitting(event: ShownEvent, segments: Iterable[Segment], transition_seconds: float) -> list[Segment]:
    """The nearest first."""
    distances = [(one.distance_seconds(event.started_seconds), one) for one in segments]
    near = [
        (distance, one)
        for distance, one in distances
        if distance <= transition_seconds and one.accepts(event.gesture, hand=event.hand)
    ]
    return [one for _, one in sorted(near, key=lambda pair: pair[0])]


def _hit(event: ShownEvent, segment: Segment, *, film_end_seconds: float, late_seconds: float) -> JudgedEvent:
    delay = event.started_seconds - segment.start_seconds
    end_delay = None
    if event.ended_seconds is not None and segment.end_seconds < film_end_seconds:
        end_delay = event.ended_seconds - segment.end_seconds
    return JudgedEvent(
        event=event,
        verdict=Verdict.LATE if delay > late_seconds else Verdict.CORRECT,
        segment=segment,
        delay_seconds=delay,
        end_delay_seconds=end_delay,
    )


def _is_cut_off(segment: Segment, *, film_end_seconds: float, late_seconds: float) -> bool:
    return segment.end_seconds >= film_end_seconds and film_end_seconds - segment.start_seconds < late_seconds


def _held_at(event: ShownEvent, segment: Segment) -> bool:
    return (
        segment.accepts(event.gesture, hand=event.hand)
        and event.started_seconds < segment.start_seconds
        and (event.ended_seconds is None or event.ended_seconds > segment.start_seconds)
    )
