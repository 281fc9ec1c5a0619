"""From features to probabilities of gestures."""

from __future__ import annotations

from typing import Protocol

from recognition.features import Floats


class Classifier(Protocol):
    """classes: label of each column of what predict_proba gives."""

    @property
    def classes(self) -> tuple[str, ...]: ...

    def predict_proba(self, features: Floats) -> Floats:
        """Probabilities (n, number of classes) of feature rows (n, FEATURE_COUNT); each row adds up to 1."""
