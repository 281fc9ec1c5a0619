"""A candidate, fitted and judged fold by fold."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.classifier import CalibratedClassifier
from recognition.features import Floats
from recognition.handedness import weighted_by_side
from training.calibration import calibrated
from training.candidate import Candidate, Fitted
from training.folds import NEAR, Fold
from training.hands import Strings

# Training accuracy is an average over so many rows of each fold: enough for three digits.
_TRAINING_ROWS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One candidate on one fold. scores: (n, k) of the hands that were judged."""

    fitted: Fitted
    scores: Floats
    training_accuracy: float
    fit_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Scores (n, k) on hands, each by a model that saw neither the hand nor its person nor its kind of pose.

    labels, origins, back, numbers, folds: (n,); see Fold.
    """

    candidate: Candidate
    classes: tuple[str, ...]
    scores: Floats
    labels: Strings
    origins: Strings
    back: Floats
    numbers: NDArray[np.int_]
    folds: NDArray[np.int_]
    training_accuracy: float
    fit_seconds: float
    example: Fitted

    @property
    def chosen_by(self) -> NDArray[np.bool_]:
        """The hands (n,) that calibration, thresholds and figures go by: all but those near a gesture."""
        return np.asarray(self.origins != NEAR)

    def calibrated(self, fitted: Fitted, rows: NDArray[np.bool_]) -> CalibratedClassifier:
        """A model calibrated by some of the hands (n,)."""
        used = rows & self.chosen_by
        return calibrated(fitted, self.scores[used], self.labels[used])

    def probabilities(self, model: CalibratedClassifier, rows: NDArray[np.bool_]) -> Floats:
        """Of some of the hands (n,), weighted by the side of the hand as far as it is known: as the stream does it."""
        return weighted_by_side(model.calibrate(self.scores[rows]), classes=self.classes, back=self.back[rows])


def judge(candidate: Candidate, fold: Fold, *, seed: int) -> Judged:
    began = time.perf_counter()
    fitted = candidate.fit(fold.sample.rows, fold.sample.names, seed=seed)
    seconds = time.perf_counter() - began
    # Of hands with a gesture, as the accuracy on held-out hands is.
    gestures = np.flatnonzero(fold.sample.names != NO_GESTURE)
    some = np.random.default_rng(seed).permutation(gestures)[:_TRAINING_ROWS]
    learned = best(fitted.scorer.scores(fold.sample.rows[some]), fitted.classes)
    return Judged(
        fitted=fitted,
        scores=fitted.scorer.scores(fold.rows),
        training_accuracy=float(np.mean(learned == fold.sample.names[some])),
        fit_seconds=seconds,
    )


def held_out(candidate: Candidate, folds: Sequence[Fold], judged: Sequence[Judged]) -> HeldOut:
    return HeldOut(
        candidate=candidate,
        classes=judged[0].fitted.classes,
        scores=np.concatenate([one.scores for one in judged]),
        labels=np.concatenate([fold.names for fold in folds]),
        origins=np.concatenate([fold.origins for fold in folds]),
        back=np.concatenate([fold.back for fold in folds]),
        numbers=np.concatenate([fold.numbers for fold in folds]),
        folds=np.concatenate([np.full(len(fold.names), number) for number, fold in enumerate(folds)]),
        training_accuracy=float(np.mean([one.training_accuracy for one in judged])),
        fit_seconds=float(np.mean([one.fit_seconds for one in judged])),
        example=judged[0].fitted,
    )


def best(scores: Floats, classes: tuple[str, ...]) -> Strings:
    """The class of the greatest score of each row (n,)."""
    return np.asarray(np.array(classes)[scores.argmax(axis=1)])
