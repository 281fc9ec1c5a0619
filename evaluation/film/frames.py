"""The frames of a film held against its segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evaluation.film.segments import Segment, Segments
from evaluation.label_set import accepted
from evaluation.outcome import Outcome
from events.prediction import NO_GESTURE, Prediction


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmFrame:
    """A frame's prediction. at_seconds: from the film's first frame."""

    at_seconds: float
    prediction: Prediction


class Part(StrEnum):
    """shown: within a segment that shows a gesture. other: where none must be named. transition: near the start or end
    of a segment, where nobody can say which frame is the first."""

    SHOWN = "shown"
    OTHER = "other"
    TRANSITION = "transition"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFrame:
    """named: the gesture; None where no hand was found. is_right: of a frame in transition, whether no gesture is
    named or one that is shown before or after it."""

    at_seconds: float
    sequence: int
    part: Part
    named: str | None
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFrames:
    """outcomes: of the frames that are not in transition; of one with a segment for each hand there are two.
    timeline: one entry a frame and hand with a segment, those in transition included."""

    outcomes: tuple[Outcome, ...]
    timeline: tuple[JudgedFrame, ...]


def judge_frames(
    frames: Sequence[FilmFrame], segments: Segments, *, film: str, transition_seconds: float
) -> JudgedFrames:
    """film: its name in the report. transition_seconds: frames nearer to a boundary are in transition.

    The hand that counts is the prediction's main hand; in a segment with a hand, the main one of that handedness.
    """
    if not frames:
        return JudgedFrames(outcomes=(), timeline=())
    boundaries = segments.boundaries(first_seconds=frames[0].at_seconds, last_seconds=frames[-1].at_seconds)
    outcomes: list[Outcome] = []
    timeline: list[JudgedFrame] = []
    for frame in frames:
        # Times are whole microseconds: a frame exactly as far away as the transition is not in it.
        if any(round(abs(frame.at_seconds - boundary), 6) < transition_seconds for boundary in boundaries):
            timeline.append(_in_transition(frame, segments.near(frame.at_seconds, within_seconds=transition_seconds)))
            continue
        for segment in segments.at(frame.at_seconds) or (None,):
            outcome = _outcome(frame, segment, film=film)
            outcomes.append(outcome)
            timeline.append(
                JudgedFrame(
                    at_seconds=frame.at_seconds,
                    sequence=outcome.sequence,
                    part=Part.SHOWN if outcome.shows_gesture else Part.OTHER,
                    named=outcome.gesture,
                    is_right=outcome.is_right,
                )
            )
    return JudgedFrames(outcomes=tuple(outcomes), timeline=tuple(timeline))


def _outcome(frame: FilmFrame, segment: Segment | None, *, film: str) -> Outcome:
    prediction = frame.prediction
    if segment is not None and segment.hand is not None:
        hands = tuple(hand for hand in prediction.hands if hand.handedness is segment.hand)
        prediction = replace(prediction, hands=hands)
    label = NO_GESTURE if segment is None else segment.label
    return Outcome.of(replace(prediction, label=label), place=f"{film} at {frame.at_seconds:.2f} s", group=film)


def _in_transition(frame: FilmFrame, near: Sequence[Segment]) -> JudgedFrame:
    named = frame.prediction.gesture
    fair = {NO_GESTURE}.union(*(accepted(segment.label) for segment in near))
    return JudgedFrame(
        at_seconds=frame.at_seconds,
        sequence=frame.prediction.sequence,
        part=Part.TRANSITION,
        named=named,
        is_right=(named or NO_GESTURE) in fair,
    )
