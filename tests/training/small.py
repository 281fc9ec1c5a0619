"""Training in seconds: small tables, few rendered hands, small models."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from recognition.features import Floats
from tests.training.hands import FOUR, hands
from training.boosted_trees import LightGbmCandidate
from training.candidate import Candidate
from training.hands import Hands, Strings
from training.logistic_regression import LogisticRegressionCandidate
from training.other_hands import OtherHands, load_other_hands
from training.random_forest import RandomForestCandidate
from training.samples import SampleSettings
from training.svm import SvmCandidate
from training.trainer import Trained, train_bundle

SMALL: Mapping[str, Sequence[Candidate]] = {
    "logistic_regression": (LogisticRegressionCandidate(),),
    "svm": (SvmCandidate(anchors=40),),
    "random_forest": (RandomForestCandidate(trees=8),),
    "lightgbm": (LightGbmCandidate(rounds=8, leaves=7),),
}
ONLY_LINEAR = {"logistic_regression": SMALL["logistic_regression"]}


def labelled(points: Floats, labels: Strings, *, people: Sequence[str] | None = None) -> Hands:
    return Hands.of(
        points=points,
        labels=labels,
        people=np.array(people or [""] * len(labels)),
        places=np.array([f"hands.csv:{row}" for row in range(len(labels))]),
        sources=np.full(len(labels), "hands.csv"),
        files={"hands.csv": "0" * 64},
    )


def table(*, each: int, people: Sequence[str] | None = None, gestures: Sequence[str] = FOUR, seed: int = 0) -> Hands:
    return labelled(*hands(each=each, gestures=gestures, seed=seed), people=people)


def few_others(each: int = 30) -> OtherHands:
    """So many of each kind of pose."""
    every = load_other_hands()
    rows = np.concatenate([np.flatnonzero(every.kinds == kind)[:each] for kind in np.unique(every.kinds)])
    return OtherHands(points=every.points[rows], kinds=every.kinds[rows])


def quiet(step: str, *, total: int) -> Callable[[], None]:
    return lambda: None


def trained(
    given: Hands,
    *,
    kinds: Mapping[str, Sequence[Candidate]] = SMALL,
    others: OtherHands | None = None,
    unseen: Hands | None = None,
    seed: int = 0,
    threads: int = 2,
) -> Trained:
    return train_bundle(
        given,
        others=others or few_others(),
        unseen=unseen,
        kinds=kinds,
        name="small",
        version="1",
        settings=SampleSettings(),
        seed=seed,
        threads=threads,
        progress=quiet,
    )
