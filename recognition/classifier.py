"""From features to probabilities of gestures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol

import numpy as np
from numpy.typing import NDArray

from recognition.bundle_layout import Axes
from recognition.features import Floats

Floats32 = NDArray[np.float32]


class Classifier(Protocol):
    """classes: label of each column of what predict_proba gives."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    def predict_proba(self, features: Floats) -> Floats:
        """Probabilities (n, number of classes) of feature rows (n, FEATURE_COUNT); each row adds up to 1."""


class Scorer(Protocol):
    """What a kind of model learned. Those of recognition.bundle_kinds can be kept in a bundle."""

    def scores(self, features: Floats) -> Floats:
        """Scores (n, number of classes) of feature rows (n, FEATURE_COUNT): the greater, the likelier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedClassifier:
    """A model of any kind, calibrated: probabilities are softmax(slope * scores + offsets).

    Where no class speaks for a hand all scores are low, and so no probability is high.

    Source: Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", ICML 2017, with one temperature
    for all classes and a bias for each.

    classes: k labels. slope: 1 / temperature. offsets: (k,).
    """

    classes: Annotated[tuple[str, ...], Axes("classes")]
    scorer: Scorer
    slope: float
    offsets: Annotated[Floats, Axes("classes")]

    def predict_proba(self, features: Floats) -> Floats:
        return self.calibrate(self.scorer.scores(features))

    def calibrate(self, scores: Floats) -> Floats:
        """Probabilities (n, k) of scores (n, k)."""
        logits = self.slope * scores + self.offsets
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))
