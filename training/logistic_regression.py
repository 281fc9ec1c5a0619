"""Logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from recognition.features import Floats
from recognition.linear import LinearModel
from training.candidate import Fitted
from training.hands import Strings

# It names as many held-out hands rightly as after a third more. scikit-learn warns that it could go on.
MOST_STEPS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticRegressionCandidate:
    """c: inverse strength of the regularisation."""

    kind: ClassVar = "logistic_regression"
    c: float = 1.0

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        scaler = StandardScaler().fit(rows)
        model = LogisticRegression(C=self.c, max_iter=MOST_STEPS, random_state=seed)
        model.fit(scaler.transform(rows), names)
        # With two classes scikit-learn keeps the weights of the second alone.
        weights = model.coef_ if len(model.classes_) > 2 else np.concatenate([-model.coef_, model.coef_]) / 2
        intercepts = (
            model.intercept_ if len(model.classes_) > 2 else np.concatenate([-model.intercept_, model.intercept_]) / 2
        )
        scorer = LinearModel(
            mean=scaler.mean_.astype(np.float32),
            scale=scaler.scale_.astype(np.float32),
            weights=weights.T.astype(np.float32),
            intercepts=intercepts.astype(np.float32),
        )
        return Fitted(classes=tuple(map(str, model.classes_)), scorer=scorer)
