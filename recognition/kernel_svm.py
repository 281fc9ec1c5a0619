"""A kernel machine as a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from recognition.bundle_layout import Axes
from recognition.classifier import Floats32
from recognition.features import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSvm:
    """A support vector machine for each class, with an RBF kernel in the Nyström approximation.

    One hand costs two small matrix products; scikit-learn's own pipeline spends ten times that on checking its input.

    Source: Williams and Seeger, "Using the Nyström method to speed up kernel machines", NIPS 2000.

    mean, scale: (f,) of the features.
    anchors: (m, f) scaled feature rows that span the kernel space. anchor_norms: (m,), their squared lengths.
    gamma: of the kernel exp(-gamma * |x - y|²).
    weights: (m, k) from kernel values to decisions; the Nyström normalisation is multiplied in.
    intercepts: (k,).
    """

    kind: ClassVar = "kernel_svm"
    mean: Annotated[Floats32, Axes("features")]
    scale: Annotated[Floats32, Axes("features")]
    anchors: Annotated[Floats32, Axes("anchors", "features")]
    anchor_norms: Annotated[Floats32, Axes("anchors")]
    gamma: float
    weights: Annotated[Floats32, Axes("anchors", "classes")]
    intercepts: Annotated[Floats32, Axes("classes")]

    def scores(self, features: Floats) -> Floats:
        """Decisions (n, k), positive where the machine of a class says yes."""
        x = ((features - self.mean) / self.scale).astype(np.float32)
        squared = (x * x).sum(axis=1)[:, None] - 2.0 * x @ self.anchors.T + self.anchor_norms
        kernel = np.exp(-self.gamma * np.maximum(squared, 0.0))
        return np.asarray(kernel @ self.weights + self.intercepts, dtype=np.float64)
