"""From scores to probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp

from recognition.classifier import CalibratedClassifier
from recognition.features import Floats
from training.candidate import Fitted
from training.hands import Strings

# Keeps the offsets of rare classes small; in hands, as it adds to the sum over them.
_OFFSET_PENALTY = 1.0


def calibrated(fitted: Fitted, scores: Floats, labels: Strings) -> CalibratedClassifier:
    """Calibrate on scores (m, k) of hands that nothing was fitted to, in the order of the model's classes.

    The likelihood is that of targets a little less than certain, (n + 1) / (n + 2) for a class of n hands: with few
    hands the scores often part the classes entirely, and without it every probability would become 0 or 1.

    Source of the targets: Platt, "Probabilistic outputs for support vector machines", 1999.
    """
    targets = _targets(labels, classes=fitted.classes)
    count = len(fitted.classes)

    def loss(parameters: Floats) -> tuple[float, Floats]:
        slope, offsets = np.exp(parameters[0]), parameters[1:]
        logits = slope * scores + offsets
        logs = logits - logsumexp(logits, axis=1, keepdims=True)
        slack = np.exp(logs) - targets
        value = -(targets * logs).sum() + _OFFSET_PENALTY * (offsets**2).sum()
        gradient = np.concatenate([[slope * (slack * scores).sum()], slack.sum(axis=0) + 2 * _OFFSET_PENALTY * offsets])
        return float(value), gradient

    found = minimize(loss, np.zeros(1 + count), jac=True, method="L-BFGS-B")
    return CalibratedClassifier(
        classes=fitted.classes, scorer=fitted.scorer, slope=float(np.exp(found.x[0])), offsets=np.asarray(found.x[1:])
    )


def _targets(labels: Strings, *, classes: tuple[str, ...]) -> Floats:
    own = labels[:, None] == np.array(classes)[None, :]
    counts = own.sum(axis=0)
    sure = (counts + 1) / (counts + 2)
    of_row = own @ sure
    rest = (1 - of_row) / max(1, len(classes) - 1)
    return np.asarray(np.where(own, of_row[:, None], rest[:, None]))
