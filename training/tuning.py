"""Which settings of a kind are tried, on how much."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.metrics import f1_score

from training.candidate import Candidate
from training.cross_validation import best
from training.folds import NEAR, REAL, Fold
from training.samples import Sample

# A part is enough to rank settings, and takes a quarter of the time.
TUNING_ROWS = 9000
# With fewer real hands to judge, ranks are chance: the first setting of each kind is taken.
LEAST_JUDGED = 300


def tuning_fold(fold: Fold, *, seed: int) -> Fold | None:
    """A part of a fold; None where there are too few hands to tell one setting from another."""
    if (fold.origins == REAL).sum() < LEAST_JUDGED:
        return None
    random = np.random.default_rng(seed)
    some = random.permutation(len(fold.sample.names))[:TUNING_ROWS]
    judged = random.permutation(np.flatnonzero(fold.origins != NEAR))[:TUNING_ROWS]
    return replace(
        fold,
        sample=Sample(rows=fold.sample.rows[some], names=fold.sample.names[some]),
        rows=fold.rows[judged],
        names=fold.names[judged],
        origins=fold.origins[judged],
        back=fold.back[judged],
        numbers=fold.numbers[judged],
    )


def tuning_score(candidate: Candidate, fold: Fold, *, seed: int) -> float:
    """Mean F1 of all classes, `no_gesture` among them."""
    fitted = candidate.fit(fold.sample.rows, fold.sample.names, seed=seed)
    found = best(fitted.scorer.scores(fold.rows), fitted.classes)
    return float(f1_score(fold.names, found, average="macro", zero_division=0.0))
