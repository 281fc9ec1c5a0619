"""The four kinds of model, and the settings that each may be tuned to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from training.boosted_trees import LightGbmCandidate
from training.candidate import Candidate
from training.logistic_regression import LogisticRegressionCandidate
from training.random_forest import RandomForestCandidate
from training.svm import SvmCandidate

# The first of each is taken where there are too few hands to tune.
KINDS: Mapping[str, Sequence[Candidate]] = MappingProxyType(
    {
        LogisticRegressionCandidate.kind: tuple(LogisticRegressionCandidate(c=c) for c in (1.0, 0.1, 10.0)),
        SvmCandidate.kind: tuple(
            SvmCandidate(gamma=gamma, c=c) for gamma, c in ((0.45, 1.0), (0.25, 1.0), (0.8, 1.0), (0.45, 4.0))
        ),
        RandomForestCandidate.kind: tuple(RandomForestCandidate(least_leaf=least) for least in (2, 1, 5)),
        LightGbmCandidate.kind: tuple(
            LightGbmCandidate(leaves=leaves, rate=rate) for leaves, rate in ((15, 0.2), (31, 0.15), (7, 0.3))
        ),
    }
)
