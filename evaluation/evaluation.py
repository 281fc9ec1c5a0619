"""The figures of labelled predictions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from statistics import fmean
from typing import Self

from evaluation.calibration import Calibration
from evaluation.classes import ClassFigures, Confusion, class_figures
from evaluation.label_set import is_set
from evaluation.latency import Latency, latencies
from evaluation.outcome import Miss, Outcome, by_severity
from evaluation.rate import Rate
from events.prediction import NO_GESTURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Figures of the pictures of one camera, folder or film, or of one model. See Evaluation."""

    accuracy: Rate
    accuracy_found: Rate
    gesture_accuracy: Rate
    gesture_accuracy_found: Rate
    detection: Rate
    false_positives: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What labelled pictures say of a model.

    accuracy: rightly named, of all pictures. accuracy_found: of those where a hand was found.
    gesture_accuracy, gesture_accuracy_found: the same, of pictures of gestures alone.
    detection: pictures of gestures where a hand was found. false_positives: pictures of no gesture that were named one.
    A picture without a hand names no gesture: right for `no_gesture`, wrong for all others.
    A label set, `palm+stop`, is right where any of its members is named; where `no_gesture` is among them, its pictures
    count as pictures of no gesture.
    groups: by camera, folder or film.
    several_hands: pictures with more than one hand, of which the main hand of the prediction counts.
    misses: what went wrong, worst first.
    """

    accuracy: Rate
    accuracy_found: Rate
    gesture_accuracy: Rate
    gesture_accuracy_found: Rate
    detection: Rate
    false_positives: Rate
    classes: tuple[ClassFigures, ...]
    confusion: Confusion
    calibration: Calibration
    accepted_calibration: Calibration
    latency: tuple[Latency, ...]
    groups: Mapping[str, Group]
    models: Mapping[str, Group]
    several_hands: int
    misses: tuple[Outcome, ...]

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Self:
        """Raises ValueError where there is none."""
        every = list(outcomes)
        if not every:
            raise ValueError("there is no labelled picture to evaluate")
        all_in_all = _group(every)
        return cls(
            accuracy=all_in_all.accuracy,
            accuracy_found=all_in_all.accuracy_found,
            gesture_accuracy=all_in_all.gesture_accuracy,
            gesture_accuracy_found=all_in_all.gesture_accuracy_found,
            detection=all_in_all.detection,
            false_positives=all_in_all.false_positives,
            classes=class_figures(every),
            confusion=Confusion.of(every),
            calibration=Calibration.of(every),
            accepted_calibration=Calibration.of_accepted(every),
            latency=latencies(every),
            groups=_grouped(every, lambda one: one.group),
            models=_grouped(every, lambda one: one.model),
            several_hands=sum(one.several for one in every),
            misses=tuple(by_severity([one for one in every if not one.is_right])),
        )

    @property
    def macro_f1(self) -> float:
        """Mean F1 of the gestures that pictures are labelled with, without label sets; NaN where there is none."""
        each = [one.f1 for one in self.classes if one.support and one.name != NO_GESTURE and not is_set(one.name)]
        return fmean(each) if each else nan

    @property
    def unnamed(self) -> tuple[str, ...]:
        """Gestures that pictures are labelled with and that no prediction names: the model may not know them."""
        return tuple(
            one.name for one in self.classes if one.support and not one.precision.total and not is_set(one.name)
        )

    def missed(self, miss: Miss) -> int:
        return sum(one.miss is miss for one in self.misses)

    def rates(self) -> dict[str, Rate]:
        return {
            "accuracy": self.accuracy,
            "accuracy_found": self.accuracy_found,
            "gesture_accuracy": self.gesture_accuracy,
            "gesture_accuracy_found": self.gesture_accuracy_found,
            "detection": self.detection,
            "false_positives": self.false_positives,
        }

    def figures(self) -> dict[str, float]:
        """All figures by flat names, for MLflow and metrics; without those that nothing was counted for."""
        found: dict[str, float] = {"pictures": float(self.accuracy.total)}
        for name, rate in self.rates().items():
            found |= {name: rate.value, f"{name}_low": rate.low, f"{name}_high": rate.high}
            found[f"{name}_pictures"] = float(rate.total)
        found |= {
            "macro_f1": self.macro_f1,
            "ece": self.calibration.ece,
            "ece_accepted": self.accepted_calibration.ece,
        }
        for miss in Miss:
            found[f"missed_{miss.name.lower()}"] = float(self.missed(miss))
        for one in self.classes:
            found |= {
                f"precision_{one.name}": one.precision.value,
                f"recall_{one.name}": one.recall.value,
                f"f1_{one.name}": one.f1,
                f"detection_{one.name}": one.detection.value,
                f"support_{one.name}": float(one.support),
            }
        for stage in self.latency:
            found |= {f"{stage.stage}_median_ms": stage.median_ms, f"{stage.stage}_p95_ms": stage.p95_ms}
        return {name: value for name, value in found.items() if not isnan(value)}


def _group(outcomes: Sequence[Outcome]) -> Group:
    gestures = [one for one in outcomes if one.shows_gesture]
    return Group(
        accuracy=Rate.of(one.is_right for one in outcomes),
        accuracy_found=Rate.of(one.is_right for one in outcomes if one.has_hand),
        gesture_accuracy=Rate.of(one.is_right for one in gestures),
        gesture_accuracy_found=Rate.of(one.is_right for one in gestures if one.has_hand),
        detection=Rate.of(one.has_hand for one in gestures),
        false_positives=Rate.of(not one.is_right for one in outcomes if not one.shows_gesture),
    )


def _grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, Group]:
    members: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        members[key(one)].append(one)
    return {name: _group(members[name]) for name in sorted(members)}
