"""A support vector machine with an RBF kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize
from sklearn.kernel_approximation import Nystroem
from sklearn.preprocessing import StandardScaler

from recognition.features import Floats
from recognition.kernel_svm import KernelSvm
from training.candidate import Fitted
from training.hands import Strings

# On 5,400 rows of hands 60 steps lower the loss by another 0.2 %.
MOST_STEPS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class SvmCandidate:
    """One linear machine a class, against all others, in the space of an approximated RBF kernel.

    anchors: rows that span the kernel space. gamma: of the kernel, times the number of features.
    c: inverse strength of the regularisation.
    """

    kind: ClassVar = "svm"
    anchors: int = 1000
    gamma: float = 0.45
    c: float = 1.0

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        scaler = StandardScaler().fit(rows)
        scaled = scaler.transform(rows)
        kernel = Nystroem(
            n_components=min(self.anchors, len(rows)), gamma=self.gamma / rows.shape[1], random_state=seed
        ).fit(scaled)
        classes, targets = np.unique(names, return_inverse=True)
        weights, intercepts = _machines(kernel.transform(scaled), targets, count=len(classes), c=self.c)
        anchors = kernel.components_.astype(np.float32)
        scorer = KernelSvm(
            mean=scaler.mean_.astype(np.float32),
            scale=scaler.scale_.astype(np.float32),
            anchors=anchors,
            anchor_norms=(anchors * anchors).sum(axis=1),
            gamma=float(kernel.gamma),
            weights=(kernel.normalization_.T @ weights).astype(np.float32),
            intercepts=intercepts.astype(np.float32),
        )
        return Fitted(classes=tuple(map(str, classes)), scorer=scorer)


def _machines(values: Floats, targets: NDArray[np.int_], *, count: int, c: float) -> tuple[Floats, Floats]:
    """Weights (m, k) and intercepts (k,) of one linear machine a class. values: (n, m); targets: (n,) class numbers.

    Minimises |w|² / 2 + c * sum of squared hinge losses for all classes at once, as scikit-learn's LinearSVC does for
    one class after the other. The steps begin at the least-squares solution and are taken in coordinates in which the
    loss without its hinge would be a sphere, so that few of them are needed.
    """
    rows = np.concatenate([values, np.ones((len(values), 1))], axis=1).astype(np.float32)
    signs = np.where(targets[:, None] == np.arange(count), 1, -1).astype(np.float32)
    curvature = np.eye(rows.shape[1]) + 2 * c * (rows.T @ rows).astype(np.float64)
    factor = cholesky(curvature, lower=True)

    def weights_of(flat: Floats) -> Floats:
        return np.asarray(solve_triangular(factor, flat.reshape(-1, count), lower=True, trans="T"))

    def loss(flat: Floats) -> tuple[float, Floats]:
        weights = weights_of(flat)
        slack = np.maximum(1 - signs * (rows @ weights.astype(np.float32)), 0)
        gradient = weights - 2 * c * (rows.T @ (slack * signs)).astype(np.float64)
        value = 0.5 * float((weights**2).sum()) + c * float((slack.astype(np.float64) ** 2).sum())
        return value, solve_triangular(factor, gradient, lower=True).ravel()

    start = solve_triangular(factor, 2 * c * (rows.T @ signs).astype(np.float64), lower=True).ravel()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS})
    weights = weights_of(found.x)
    return weights[:-1], weights[-1]
