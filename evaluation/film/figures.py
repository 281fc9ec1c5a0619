"""The figures of films: frames within segments, outside and in transition, and gesture events."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Self

from evaluation.evaluation import Evaluation
from evaluation.film.events import JudgedEvents, ShownEvent, Verdict, judge_events
from evaluation.film.frames import FilmFrame, JudgedFrame, JudgedFrames, Part, judge_frames
from evaluation.film.per_minute import PerMinute
from evaluation.film.segments import Segments
from evaluation.rate import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """transition_seconds: what lies nearer to a segment's start or end is in transition. late_seconds: an event that
    comes later after the segment's start is late."""

    transition_seconds: float = 0.3
    late_seconds: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedFilm:
    """What the stream made of a film.

    name: in the report. duration_seconds: from its first frame to the end of its last. stills: the same frames, each
    recognised by itself; None where that was not asked for. lost_frames: those that were published and have no
    prediction.
    """

    name: str
    duration_seconds: float
    segments: Segments
    frames: tuple[FilmFrame, ...]
    events: tuple[ShownEvent, ...]
    stills: tuple[FilmFrame, ...] | None = None
    lost_frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Seconds, by the nearest rank; NaN where nothing was timed."""

    count: int
    median_seconds: float
    p95_seconds: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self:
        ranked = sorted(seconds)
        return cls(count=len(ranked), median_seconds=_quantile(ranked, 0.5), p95_seconds=_quantile(ranked, 0.95))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFigures:
    """shown: frames within segments that are named rightly; shown_found: of those with a hand.
    other: frames in which no gesture must be named that are named one; other_found: of those with a hand.
    transition: frames near a boundary that are named a gesture which is shown neither before nor after it.
    """

    shown: Rate
    shown_found: Rate
    other: Rate
    other_found: Rate
    transition: Rate

    @classmethod
    def of(cls, judged: Sequence[JudgedFrames]) -> Self:
        every = [frame for one in judged for frame in one.timeline]
        shown = [frame for frame in every if frame.part is Part.SHOWN]
        other = [frame for frame in every if frame.part is Part.OTHER]
        return cls(
            shown=Rate.of(frame.is_right for frame in shown),
            shown_found=Rate.of(frame.is_right for frame in shown if frame.named is not None),
            other=Rate.of(not frame.is_right for frame in other),
            other_found=Rate.of(not frame.is_right for frame in other if frame.named is not None),
            transition=Rate.of(not frame.is_right for frame in every if frame.part is Part.TRANSITION),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFigures:
    """detected: of the segments that show a gesture, those with an event; late: of these, those whose event came late.
    false_per_minute: spurious and repeated events. repeated: how many of them repeat the event of a segment."""

    detected: Rate
    late: Rate
    repeated: int
    false_per_minute: PerMinute
    delay: Delay
    end_delay: Delay

    @classmethod
    def of(cls, judged: Sequence[JudgedEvents], *, seconds: float) -> Self:
        events = [event for one in judged for event in one.events]
        expected, missed = sum(len(one.expected) for one in judged), sum(len(one.missed) for one in judged)
        own = [one for one in events if one.verdict in (Verdict.CORRECT, Verdict.LATE)]
        return cls(
            detected=Rate(hits=expected - missed, total=expected),
            late=Rate.of(one.verdict is Verdict.LATE for one in own),
            repeated=sum(one.verdict is Verdict.REPEATED for one in events),
            false_per_minute=PerMinute(count=sum(one.is_false for one in events), seconds=seconds),
            delay=Delay.of([one.delay_seconds for one in own if one.delay_seconds is not None]),
            end_delay=Delay.of([one.end_delay_seconds for one in own if one.end_delay_seconds is not None]),
        )

    @property
    def missed(self) -> int:
        return self.detected.total - self.detected.hits


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The same frames on the stream and each by itself, without those in transition. only_stream, only_stills: frames
    that are right in one way alone."""

    stream: Rate
    stills: Rate
    only_stream: int
    only_stills: int

    @classmethod
    def of(cls, pairs: Sequence[tuple[JudgedFrames, JudgedFrames]]) -> Self:
        """pairs: of each film the stream and the stills. A frame that only one of them has does not count."""
        both = [
            (frame.is_right, stills[place].is_right)
            for stream, stills in ((_by_place(one), _by_place(other)) for one, other in pairs)
            for place, frame in stream.items()
            if place in stills and frame.part is not Part.TRANSITION
        ]
        return cls(
            stream=Rate.of(stream for stream, _ in both),
            stills=Rate.of(still for _, still in both),
            only_stream=sum(stream and not still for stream, still in both),
            only_stills=sum(still and not stream for stream, still in both),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFigures:
    """Of one film, or of several together."""

    seconds: float
    frames: FrameFigures
    events: EventFigures
    stills: Comparison | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFilm:
    """A film with what was right and wrong in it."""

    film: StreamedFilm
    frames: JudgedFrames
    events: JudgedEvents
    stills: JudgedFrames | None

    @classmethod
    def of(cls, film: StreamedFilm, rules: Rules) -> Self:
        end = film.frames[-1].at_seconds if film.frames else 0.0
        return cls(
            film=film,
            frames=_judged(film.frames, film, rules),
            events=judge_events(
                film.events,
                film.segments,
                film_end_seconds=end,
                transition_seconds=rules.transition_seconds,
                late_seconds=rules.late_seconds,
            ),
            stills=None if film.stills is None else _judged(film.stills, film, rules),
        )

    @property
    def figures(self) -> FilmFigures:
        return _figures([self])


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvaluation:
    """What films say of the stream. frames: the figures of all frames that are not in transition, by class and film."""

    rules: Rules
    films: tuple[JudgedFilm, ...]
    frames: Evaluation

    @classmethod
    def of(cls, films: Sequence[StreamedFilm], rules: Rules) -> Self:
        """Raises ValueError where there is no frame to judge."""
        judged = tuple(JudgedFilm.of(film, rules) for film in films)
        outcomes = [outcome for one in judged for outcome in one.frames.outcomes]
        if not any(film.frames for film in films):
            raise ValueError("there is no frame to judge: none could be read from the films")
        if not outcomes:
            raise ValueError(
                f"every frame is within {rules.transition_seconds:g} s of the start or end of a segment, so there is "
                "none to judge; --transition-seconds sets another distance"
            )
        return cls(rules=rules, films=judged, frames=Evaluation.of(outcomes))

    @property
    def figures(self) -> FilmFigures:
        return _figures(self.films)


def _figures(films: Sequence[JudgedFilm]) -> FilmFigures:
    seconds = sum(one.film.duration_seconds for one in films)
    pairs = [(one.frames, one.stills) for one in films if one.stills is not None]
    return FilmFigures(
        seconds=seconds,
        frames=FrameFigures.of([one.frames for one in films]),
        events=EventFigures.of([one.events for one in films], seconds=seconds),
        stills=Comparison.of(pairs) if pairs else None,
    )


def _judged(frames: Sequence[FilmFrame], film: StreamedFilm, rules: Rules) -> JudgedFrames:
    return judge_frames(frames, film.segments, film=film.name, transition_seconds=rules.transition_seconds)


def _by_place(judged: JudgedFrames) -> dict[tuple[int, int], JudgedFrame]:
    """By the frame's number, and which of its entries it is."""
    seen: Counter[int] = Counter()
    found = {}
    for frame in judged.timeline:
        found[frame.sequence, seen[frame.sequence]] = frame
        seen[frame.sequence] += 1
    return found


def _quantile(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else nan
