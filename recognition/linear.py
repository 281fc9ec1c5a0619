"""A linear model as one matrix product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from recognition.bundle_layout import Axes
from recognition.classifier import Floats32
from recognition.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearModel:
    """What logistic regression learned.

    mean, scale: (f,) of the features. weights: (f, k). intercepts: (k,).
    """

    kind: ClassVar = "linear"
    mean: Annotated[Floats32, Axes("features")]
    scale: Annotated[Floats32, Axes("features")]
    weights: Annotated[Floats32, Axes("features", "classes")]
    intercepts: Annotated[Floats32, Axes("classes")]

    def scores(self, features: Floats) -> Floats:
        """Logarithms of the odds (n, k), up to a constant in each row."""
        x = ((features - self.mean) / self.scale).astype(np.float32)
        return np.asarray(x @ self.weights + self.intercepts, dtype=np.float64)
