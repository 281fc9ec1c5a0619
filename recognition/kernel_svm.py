"""The classifier that is served: a kernel machine as a few matrix products."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.features import Floats

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelSvm:
    """A support vector machine with an RBF kernel in the Nyström approximation, calibrated by Platt's sigmoid.

    One hand costs two small matrix products; scikit-learn's own pipeline spends ten times that on checking its input.

    Source: Williams and Seeger, "Using the Nyström method to speed up kernel machines", NIPS 2000; Platt,
    "Probabilistic outputs for support vector machines", 1999.

    classes: k labels.
    mean, scale: (f,) of the features.
    anchors: (m, f) scaled feature rows that span the kernel space.
    gamma: of the kernel exp(-gamma * |x - y|²).
    weights: (m, k) from kernel values to decisions; the Nyström normalisation is multiplied in.
    intercepts, slopes, offsets: (k,); probability ∝ 1 / (1 + exp(slope * decision + offset)).
    """

    classes: tuple[str, ...]
    mean: Floats32
    scale: Floats32
    anchors: Floats32
    gamma: float
    weights: Floats32
    intercepts: Floats32
    slopes: Floats32
    offsets: Floats32

    def predict_proba(self, features: Floats) -> Floats:
        return self.calibrate(self.decide(features))

    def decide(self, features: Floats) -> Floats:
        """Decisions (n, k), positive where the machine of a class says yes."""
        x = ((features - self.mean) / self.scale).astype(np.float32)
        squared = (x * x).sum(axis=1)[:, None] - 2.0 * x @ self.anchors.T + (self.anchors * self.anchors).sum(axis=1)
        kernel = np.exp(-self.gamma * np.maximum(squared, 0.0))
        return np.asarray(kernel @ self.weights + self.intercepts, dtype=np.float64)

    def calibrate(self, decisions: Floats) -> Floats:
        """Probabilities (n, k) of decisions (n, k)."""
        single = 1.0 / (1.0 + np.exp(np.clip(self.slopes * decisions + self.offsets, -50.0, 50.0)))
        return np.asarray(single / np.maximum(single.sum(axis=1, keepdims=True), 1e-12))
