"""Films made of hand-written frames and events."""

from __future__ import annotations

from dataclasses import replace

from evaluation.film.events import ShownEvent
from evaluation.film.figures import StreamedFilm
from evaluation.film.frames import FilmFrame
from evaluation.film.segments import Segment, Segments
from events.examples import example_prediction
from events.prediction import Handedness, Status

RATE_HZ = 10.0


def segment(start: float, end: float, label: str, hand: Handedness | None = None) -> Segment:
    return Segment(start_seconds=start, end_seconds=end, label=label, hand=hand)


def segments(*items: tuple[float, float, str]) -> Segments:
    return Segments.of(segment(*one) for one in items)


def event(gesture: str, started: float, ended: float | None = None, hand: Handedness = Handedness.RIGHT) -> ShownEvent:
    return ShownEvent(gesture=gesture, hand=hand, started_seconds=started, ended_seconds=ended)


def frame(sequence: int, *gestures: str) -> FilmFrame:
    """gestures: of the right hand, then of the left; none for a frame without a hand."""
    example = example_prediction()
    found = tuple(
        replace(example.hands[0], gesture=gesture, confidence=0.9, scores={gesture: 0.9}, handedness=handedness)
        for gesture, handedness in zip(gestures, (Handedness.RIGHT, Handedness.LEFT), strict=False)
    )
    prediction = replace(
        example, sequence=sequence, hands=found, status=Status.OK if found else Status.NO_HAND, label=None
    )
    return FilmFrame(at_seconds=sequence / RATE_HZ, prediction=prediction)


def film(
    named: str, shown: Segments, *events: ShownEvent, name: str = "film.mp4", stills: str | None = None
) -> StreamedFilm:
    """named: a letter a frame, ten frames a second. f: fist, l: like, n: no gesture, -: no hand."""
    frames = _frames(named)
    return StreamedFilm(
        name=name,
        duration_seconds=len(frames) / RATE_HZ,
        segments=shown,
        frames=frames,
        events=events,
        stills=None if stills is None else _frames(stills),
    )


def _frames(named: str) -> tuple[FilmFrame, ...]:
    words = {"f": ("fist",), "l": ("like",), "n": ("no_gesture",), "-": ()}
    return tuple(frame(number, *words[letter]) for number, letter in enumerate(named))
