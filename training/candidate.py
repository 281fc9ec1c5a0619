"""A kind of model with its settings, ready to be fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from recognition.classifier import Scorer
from recognition.features import Floats
from training.hands import Strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """classes: label of each column of the scores."""

    classes: tuple[str, ...]
    scorer: Scorer


class Candidate(Protocol):
    """A frozen dataclass whose fields are the settings.

    kind: as manifests, metrics and reports name it.
    """

    kind: ClassVar[str]

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        """Learn the names (n,) of feature rows (n, FEATURE_COUNT). The same seed gives the same, bit for bit. One
        thread; several fits may run at once in several."""
