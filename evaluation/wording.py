"""Figures in words, the same in the terminal and on the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from evaluation.evaluation import Evaluation
from evaluation.outcome import Miss, Outcome
from evaluation.rate import Rate
from evaluation.subject import INDEPENDENT, Subject
from events.prediction import NO_GESTURE

NOTHING = "-"

RULES = (
    "Where two hands were found, the main hand of the prediction counts: the most confident one that makes a gesture, "
    "else the most confident one.",
    "Where no hand was found, no gesture is named: right for no_gesture, wrong for every gesture. The confusion matrix "
    "shows it as an outcome of its own.",
    "Macro F1 is the mean over the gestures that pictures are labelled with, without no_gesture.",
    "Intervals are 95 % confidence intervals by Wilson's score.",
    "Calibration compares the confidence of what was said of a hand, a gesture or no_gesture, with how often it is the "
    "label; that of accepted hands, only where a gesture was named.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One figure at the top of the report. aside: its interval, and of what."""

    name: str
    value: str
    aside: str


def percent(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:.1%}"


def interval(rate: Rate) -> str:
    return f"{100 * rate.low:.1f} to {rate.high:.1%}" if rate.total else NOTHING


def score(value: float) -> str:
    return NOTHING if isnan(value) else f"{value:.3f}"


def headlines(evaluation: Evaluation) -> list[Headline]:
    named = (
        ("rightly named", evaluation.accuracy, "pictures"),
        ("of those where a hand was found", evaluation.accuracy_found, "pictures"),
        ("hand found", evaluation.detection, "pictures of gestures"),
        ("named a gesture wrongly", evaluation.false_positives, f"pictures of {NO_GESTURE}"),
    )
    rates = [
        Headline(
            name=name,
            value=percent(rate.value),
            aside=f"{interval(rate)}; {rate.hits:,} of {rate.total:,} {of}" if rate.total else f"there are no {of}",
        )
        for name, rate, of in named
    ]
    gestures = sum(one.support > 0 and one.name != NO_GESTURE for one in evaluation.classes)
    return [
        *rates,
        Headline(name="macro F1", value=score(evaluation.macro_f1), aside=f"mean of {gestures} gestures"),
        Headline(
            name="calibration error (ECE)",
            value=score(evaluation.calibration.ece),
            aside=f"of {evaluation.calibration.hands:,} hands",
        ),
        Headline(
            name="calibration error of accepted hands",
            value=score(evaluation.accepted_calibration.ece),
            aside=f"of {evaluation.accepted_calibration.hands:,} hands that were named a gesture",
        ),
    ]


def misses_in_short(evaluation: Evaluation) -> str:
    total = len(evaluation.misses)
    if not total:
        return "no picture was named wrongly"
    parts = {
        "taken for another gesture": evaluation.missed(Miss.WRONG),
        "given no gesture": evaluation.missed(Miss.REJECTED),
        "without a hand found": evaluation.missed(Miss.UNSEEN),
    }
    return f"{total:,} wrong: " + ", ".join(f"{count:,} {what}" for what, count in parts.items() if count)


def said(one: Outcome) -> str:
    """What was said, with its confidence."""
    return f"{one.gesture} {one.confidence:.0%}" if one.gesture else one.said


def notes(evaluation: Evaluation, subject: Subject) -> list[str]:
    """What limits the figures of this run."""
    told = []
    passed = [f"{count:,} {reason}" for reason, count in subject.passed_over.items() if count]
    if passed:
        told.append(f"Not evaluated: {', '.join(passed)}.")
    if evaluation.several_hands:
        of = "1 picture" if evaluation.several_hands == 1 else f"{evaluation.several_hands:,} pictures"
        told.append(f"More than one hand was found in {of}.")
    if evaluation.unnamed:
        told.append(f"Never named: {', '.join(evaluation.unnamed)}. Does the model know them?")
    if len(evaluation.models) > 1:
        told.append("The predictions are of more than one model; the figures mix them.")
    return [*told, *(subject.remarks or (INDEPENDENT,))]


def model_names(evaluation: Evaluation) -> str:
    return ", ".join(evaluation.models)


def in_short(names: Sequence[str], *, most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
