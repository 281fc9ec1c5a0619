"""Fitting the classifier that is served."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise, one_way_round
from recognition.kernel_svm import KernelSvm
from training.hands import Strings
from training.variation import View, no_gestures, other_views


@dataclass(frozen=True, slots=True, kw_only=True)
class SvmSettings:
    """anchors: rows that span the kernel space.
    gamma: of the RBF kernel, times the number of features.
    c: inverse strength of the regularisation.
    views: further views of each hand.
    no_gestures: tries to make a hand without a gesture, for each hand with one; see variation.no_gestures for distance.
    seed: of all that is random.
    """

    anchors: int = 400
    gamma: float = 0.67
    c: float = 1.0
    views: int = 1
    view: View = field(default_factory=View)
    no_gestures: float = 0.5
    no_gesture_distance: float = 1.0
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UncalibratedSvm:
    """One linear machine a class in the kernel space. Columns of decisions follow `classes`."""

    classes: tuple[str, ...]
    scaler: StandardScaler
    kernel: Nystroem
    machine: LinearSVC

    def decisions(self, rows: Floats) -> Floats:
        """(n, number of classes), positive where a machine says yes, for feature rows (n, FEATURE_COUNT)."""
        return np.asarray(self.machine.decision_function(self.kernel.transform(self.scaler.transform(rows))))

    def calibrated(self, decisions: Floats, labels: Strings) -> KernelSvm:
        """The machine that is served, calibrated on decisions (m, classes) over hands that it was not trained on.

        Source of the calibration: Platt, "Probabilistic outputs for support vector machines", 1999.
        """
        sigmoids = [
            LogisticRegression(C=np.inf).fit(decisions[:, [index]], labels == name)
            for index, name in enumerate(self.classes)
        ]
        weights = self.kernel.normalization_.T @ self.machine.coef_.T
        return KernelSvm(
            classes=self.classes,
            mean=np.asarray(self.scaler.mean_, dtype=np.float32),
            scale=np.asarray(self.scaler.scale_, dtype=np.float32),
            anchors=np.asarray(self.kernel.components_, dtype=np.float32),
            gamma=float(self.kernel.gamma),
            weights=np.asarray(weights, dtype=np.float32),
            intercepts=np.asarray(self.machine.intercept_, dtype=np.float32),
            slopes=np.array([-sigmoid.coef_[0, 0] for sigmoid in sigmoids], dtype=np.float32),
            offsets=np.array([-sigmoid.intercept_[0] for sigmoid in sigmoids], dtype=np.float32),
        )


def fit_svm(points: Floats, labels: Strings, *, settings: SvmSettings) -> UncalibratedSvm:
    """Fit on hands (n, 21, 2) of unknown handedness, other views of them and made-up no_gestures."""
    random = np.random.default_rng(settings.seed)
    hands = one_way_round(points)
    views = [other_views(hands, view=settings.view, random=random) for _ in range(settings.views)]
    nothing = made_up(hands, labels, settings=settings, random=random)
    rows = features(np.concatenate([normalise(hands), *views, nothing]))
    names = np.concatenate([np.tile(labels, 1 + settings.views), np.full(len(nothing), NO_GESTURE)])
    scaler = StandardScaler().fit(rows)
    scaled = scaler.transform(rows)
    kernel = Nystroem(
        n_components=min(settings.anchors, len(rows)), gamma=settings.gamma / rows.shape[1], random_state=settings.seed
    ).fit(scaled)
    machine = LinearSVC(C=settings.c, dual=False, tol=1e-3, random_state=settings.seed)
    machine.fit(kernel.transform(scaled), names)
    return UncalibratedSvm(
        classes=tuple(str(name) for name in machine.classes_), scaler=scaler, kernel=kernel, machine=machine
    )


def made_up(hands: Floats, labels: Strings, *, settings: SvmSettings, random: np.random.Generator) -> Floats:
    """Hands without a gesture, normalised, made of those (n, 21, 2) with one, all the same way round."""
    gesture = labels != NO_GESTURE
    hands, labels = hands[gesture], labels[gesture]
    count = round(settings.no_gestures * len(hands))
    return no_gestures(hands, labels, count=count, distance=settings.no_gesture_distance, random=random)
