"""The figures of films in words, the same in the terminal and on the page."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from evaluation.film.events import JudgedEvent, Verdict
from evaluation.film.figures import Delay, FilmFigures, JudgedFilm, Rules, StreamEvaluation
from evaluation.film.per_minute import PerMinute
from evaluation.film.segments import Segment
from evaluation.rate import Rate
from evaluation.wording import NOTHING, Headline, interval, percent

NO_EVENTS = "there are no events of a segment"
COLUMNS = (
    "frames of gestures right",
    "with a hand",
    "other frames named",
    "with a hand",
    "in transition named",
    "events",
    "late",
    "median delay",
    "false events",
    "a minute",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """An event that is late or false, or a segment without an event. at_seconds: of the film."""

    film: str
    at_seconds: float
    what: str
    gesture: str
    aside: str


def headlines(evaluation: StreamEvaluation) -> list[Headline]:
    figures = evaluation.figures
    frames, events = figures.frames, figures.events
    found = [
        _headline("frames of gestures right", frames.shown, "frames within segments"),
        _headline("of those with a hand", frames.shown_found, "frames"),
        _headline("other frames named a gesture", frames.other, "frames outside"),
        _headline("of those with a hand", frames.other_found, "frames"),
        _headline("in transition named another gesture", frames.transition, "frames"),
        _headline("gestures with an event", events.detected, "gestures"),
        _headline("late", events.late, f"events, more than {evaluation.rules.late_seconds:g} s after the gesture"),
        Headline(name="delay of events", value=_seconds(events.delay.median_seconds), aside=_delay(events.delay)),
        Headline(
            name="false events a minute",
            value=rate_per_minute(events.false_per_minute),
            aside=f"{per_minute_interval(events.false_per_minute)}; {events.false_per_minute.count:,} in "
            f"{figures.seconds:.1f} s, {events.repeated:,} of them repeated",
        ),
    ]
    if figures.stills is not None:
        one = figures.stills
        found.append(
            Headline(
                name="right on the stream, as stills",
                value=f"{percent(one.stream.value)}, {percent(one.stills.value)}",
                aside=f"of {one.stream.total:,} frames; {one.only_stream:,} right on the stream only, "
                f"{one.only_stills:,} as stills only",
            )
        )
    return found


def film_row(figures: FilmFigures) -> tuple[str, ...]:
    """The cells of COLUMNS."""
    frames, events = figures.frames, figures.events
    return (
        _share(frames.shown),
        percent(frames.shown_found.value),
        _share(frames.other),
        percent(frames.other_found.value),
        _share(frames.transition),
        f"{events.detected.hits} of {events.detected.total}" if events.detected.total else NOTHING,
        f"{events.late.hits:,}" if events.late.total else NOTHING,
        _seconds(events.delay.median_seconds),
        f"{events.false_per_minute.count:,}",
        rate_per_minute(events.false_per_minute),
    )


def remarks(film: JudgedFilm) -> list[Remark]:
    """What was wrong with the events of a film, in the order of time."""
    found = [_event(film, one) for one in film.events.events if one.is_false or one.verdict is Verdict.LATE]
    found += [_missed(film, segment) for segment in film.events.missed]
    return sorted(found, key=lambda one: one.at_seconds)


def rules(rules: Rules) -> list[str]:
    return [
        "What lies outside the segments shows no gesture.",
        f"Frames within {rules.transition_seconds:g} s of the start or end of a segment are in transition and counted "
        "apart; wrong among them are those named a gesture that is shown neither before nor after.",
        "An event counts when it settles, not from its first frame on. It belongs to a segment of its gesture "
        f"when it starts within it or within {rules.transition_seconds:g} s of it; it is late after "
        f"{rules.late_seconds:g} s. A second one in the same segment is repeated, every other one spurious; both are "
        "false events.",
        "The interval of a rate a minute is the exact 95 % interval of a Poisson rate.",
    ]


def rate_per_minute(rate: PerMinute) -> str:
    return NOTHING if isnan(rate.value) else f"{rate.value:.1f}"


def per_minute_interval(rate: PerMinute) -> str:
    return NOTHING if isnan(rate.value) else f"{rate.low:.1f} to {rate.high:.1f}"


def _headline(name: str, rate: Rate, of: str) -> Headline:
    aside = f"{interval(rate)}; {rate.hits:,} of {rate.total:,} {of}" if rate.total else f"of 0 {of}"
    return Headline(name=name, value=percent(rate.value), aside=aside)


def _share(rate: Rate) -> str:
    return f"{percent(rate.value)} of {rate.total:,}" if rate.total else NOTHING


def _seconds(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:.2f} s"


def _delay(delay: Delay) -> str:
    return f"median; 95 % within {_seconds(delay.p95_seconds)}; {delay.count:,} events" if delay.count else NO_EVENTS


def _event(film: JudgedFilm, one: JudgedEvent) -> Remark:
    event = one.event
    held = "" if event.ended_seconds is None else f"held for {event.ended_seconds - event.started_seconds:.2f} s"
    late = f"{one.delay_seconds:.2f} s after the gesture" if one.delay_seconds is not None else held
    return Remark(
        film=film.film.name,
        at_seconds=event.started_seconds,
        what=one.verdict.value,
        gesture=event.gesture,
        aside=f"{event.hand.value} hand, {late}" if late else f"{event.hand.value} hand",
    )


def _missed(film: JudgedFilm, segment: Segment) -> Remark:
    return Remark(
        film=film.film.name,
        at_seconds=segment.start_seconds,
        what="missed",
        gesture=segment.label,
        aside=f"until {segment.end_seconds:.2f} s",
    )
