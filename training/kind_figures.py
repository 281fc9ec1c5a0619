"""Figures of a kind of model on hands that it was not fitted to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.metrics import f1_score

from evaluation.calibration import Calibration
from evaluation.classes import ClassFigures, Confusion, class_figures
from evaluation.outcome import Outcome
from events.prediction import NO_GESTURE
from recognition.bundle_kinds import model_file
from recognition.classifier import Classifier
from recognition.decision import Decisions, decide
from recognition.features import Floats, features
from training.calibration import calibrated
from training.cross_validation import HeldOut
from training.folds import MADE_UP, REAL, RENDERED
from training.hands import Hands, Strings
from training.open_set import Confidences, OpenSet

# What rejection may cost: the share of rightly named hands that it turns into no_gesture.
TOLERATED_LOSS = 0.005
CONFIDENCE = 0.95
_TIMED_HANDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Mean of shares over folds, and the bounds of its confidence interval (Student's t, 95 %), within 0..1.

    The folds share most of what they are fitted to, so it is narrower than that of as many independent runs.
    """

    mean: float
    low: float
    high: float

    @classmethod
    def over(cls, values: Floats) -> Interval:
        mean, spread = float(np.mean(values)), float(stats.sem(values))
        reach = spread * float(stats.t.ppf((1 + CONFIDENCE) / 2, len(values) - 1))
        return cls(mean=mean, low=max(0.0, mean - reach), high=min(1.0, mean + reach))


@dataclass(frozen=True, slots=True, kw_only=True)
class KindFigures:
    """One kind of model, with its best settings.

    accuracy, macro_f1: of real hands, by shape alone; a gesture taken for no_gesture counts as wrong. score: macro F1
        over all classes and all hands that were judged, those that make no gesture too: what the choice goes by.
    training_accuracy: of hands with a gesture that it was fitted to, further views among them.
    classes, confusion, calibration: over all hands that were judged.
    accepted_calibration: over those that were named as a gesture.
    open_sets: by the origin of hands without a gesture, and `all`.
    size_bytes: of the model file of one fold.
    fit_seconds: of one fold, on one thread. predict_milliseconds: features and classifier for one hand, median.
    """

    kind: str
    settings: Mapping[str, float]
    accuracy: Interval
    macro_f1: Interval
    score: Interval
    training_accuracy: float
    classes: tuple[ClassFigures, ...]
    confusion: Confusion
    calibration: Calibration
    accepted_calibration: Calibration
    open_sets: Mapping[str, OpenSet]
    size_bytes: int
    fit_seconds: float
    predict_milliseconds: float

    def figures(self) -> dict[str, float]:
        """What is the same in each run, by flat names."""
        rejection = {
            f"{name}_{origin}": value
            for origin, one in self.open_sets.items()
            for name, value in (
                ("false_positive_rate_at_95_recall", one.at_recall(0.95)),
                ("false_positive_rate", one.false_positive_rate),
            )
        }
        return {
            "training_accuracy": self.training_accuracy,
            "evaluation_accuracy": self.accuracy.mean,
            "evaluation_accuracy_low": self.accuracy.low,
            "evaluation_accuracy_high": self.accuracy.high,
            "macro_f1": self.macro_f1.mean,
            "macro_f1_low": self.macro_f1.low,
            "macro_f1_high": self.macro_f1.high,
            "score": self.score.mean,
            "score_low": self.score.low,
            "score_high": self.score.high,
            "calibration_error": self.calibration.ece,
            "calibration_error_accepted": self.accepted_calibration.ece,
            "gesture_recall": self.open_sets["all"].recall,
            **rejection,
            "size_bytes": float(self.size_bytes),
        }

    def timings(self) -> dict[str, float]:
        """What differs from run to run."""
        return {"fit_seconds": self.fit_seconds, "predict_milliseconds": self.predict_milliseconds}


def kind_figures(held: HeldOut) -> KindFigures:
    """Calibration and threshold of each fold come from the other folds, so that no hand is judged by its own."""
    probabilities, thresholds = _cross_fitted(held)
    decisions = decide(probabilities, classes=held.classes, thresholds=thresholds)
    found = decisions.gestures
    real = held.origins == REAL
    gesture = real & (held.labels != NO_GESTURE)
    folds = range(held.folds.max() + 1)
    served = calibrated(held.example, held.scores, held.labels)
    outcomes = _outcomes(held, decisions)
    return KindFigures(
        kind=held.candidate.kind,
        settings=settings_of(held),
        accuracy=Interval.over(
            _each(folds, lambda fold: _accuracy(found, held.labels, gesture & (held.folds == fold)))
        ),
        macro_f1=Interval.over(
            _each(folds, lambda fold: _macro_f1(found, held.labels, real & (held.folds == fold), but=NO_GESTURE))
        ),
        score=Interval.over(_each(folds, lambda fold: _macro_f1(found, held.labels, held.folds == fold))),
        training_accuracy=held.training_accuracy,
        classes=class_figures(outcomes),
        confusion=Confusion.of(outcomes),
        calibration=Calibration.of(outcomes),
        accepted_calibration=Calibration.of_accepted(outcomes),
        open_sets=_open_sets(held, probabilities, thresholds),
        size_bytes=len(model_file(served)),
        fit_seconds=held.fit_seconds,
        predict_milliseconds=predict_milliseconds(served),
    )


def settings_of(held: HeldOut) -> dict[str, float]:
    return {name: float(value) for name, value in asdict(held.candidate).items()}  # type: ignore[call-overload]


def choose_threshold(probabilities: Floats, labels: Strings, *, classes: tuple[str, ...]) -> float:
    """The greatest threshold, in hundredths, that keeps all but TOLERATED_LOSS of the rightly named gestures."""
    right = (decide(probabilities, classes=classes, thresholds=0.0).gestures == labels) & (labels != NO_GESTURE)
    if not right.any():
        return 0.0
    return float(np.floor(100 * np.quantile(probabilities[right].max(axis=1), TOLERATED_LOSS)) / 100)


def predict_milliseconds(classifier: Classifier) -> float:
    """Median time for one hand, from its points to probabilities."""
    hands = np.random.default_rng(0).uniform(0, 400, (_TIMED_HANDS, 1, 21, 2))
    seconds = []
    for hand in hands:
        began = time.perf_counter()
        classifier.predict_proba(features(hand))
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)) * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """On tables that nothing was trained on, by shape alone; they do not say the handedness. See KindFigures. NaN where
    they show no gesture."""

    accuracy: float
    macro_f1: float


def check(classifier: Classifier, hands: Hands, *, thresholds: Floats | float) -> Check:
    """thresholds: see decide."""
    probabilities = classifier.predict_proba(features(hands.points))
    found = decide(probabilities, classes=classifier.classes, thresholds=thresholds).gestures
    return Check(
        accuracy=_accuracy(found, hands.labels, hands.labels != NO_GESTURE),
        macro_f1=_macro_f1(found, hands.labels, np.ones(len(hands), dtype=bool), but=NO_GESTURE),
    )


def _cross_fitted(held: HeldOut) -> tuple[Floats, Floats]:
    """Probabilities and thresholds (n, k) of each hand and class."""
    probabilities, thresholds = np.empty_like(held.scores), np.empty_like(held.scores)
    for fold in range(held.folds.max() + 1):
        judged = held.folds == fold
        model = calibrated(held.example, held.scores[~judged], held.labels[~judged])
        probabilities[judged] = model.calibrate(held.scores[judged])
        thresholds[judged] = choose_threshold(
            model.calibrate(held.scores[~judged]), held.labels[~judged], classes=held.classes
        )
    return probabilities, thresholds


def _open_sets(held: HeldOut, probabilities: Floats, thresholds: Floats) -> dict[str, OpenSet]:
    nothing = held.labels == NO_GESTURE
    origins = {origin: nothing & (held.origins == origin) for origin in (REAL, MADE_UP, RENDERED)}
    confidences = Confidences.of(probabilities, classes=held.classes, thresholds=thresholds)
    gestures = confidences.where((held.origins == REAL) & ~nothing)
    return {
        origin: OpenSet.of(gestures, confidences.where(rows))
        for origin, rows in {"all": nothing, **origins}.items()
        if rows.any()
    }


def _outcomes(held: HeldOut, decisions: Decisions) -> list[Outcome]:
    rows = zip(held.labels.tolist(), decisions.gestures.tolist(), decisions.confidences.tolist(), strict=True)
    return [Outcome(label=label, gesture=gesture, confidence=confidence) for label, gesture, confidence in rows]


def _each(folds: range, figure: Callable[[int], float]) -> Floats:
    return np.array([figure(fold) for fold in folds])


def _accuracy(found: Strings, labels: Strings, rows: NDArray[np.bool_]) -> float:
    return float(np.mean(found[rows] == labels[rows])) if rows.any() else nan


def _macro_f1(found: Strings, labels: Strings, rows: NDArray[np.bool_], *, but: str | None = None) -> float:
    """Mean over the classes that these rows show: few people may show a gesture, and a fold then has none of it."""
    classes = sorted({*labels[rows].tolist()} - {but})
    if not classes:
        return nan
    return float(f1_score(labels[rows], found[rows], labels=classes, average="macro", zero_division=0.0))
