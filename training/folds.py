"""The same folds for every kind of model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise, one_way_round
from training.dataset import check_enough
from training.groups import groups_of
from training.hands import DataError, Hands, Strings
from training.other_hands import OtherHands
from training.samples import Sample, SampleSettings, apart, made_up, rendered, training_sample
from training.sides import back_seen

# Fewer where few people show a gesture.
FOLDS = 5
# Where a hand that is judged comes from. near: a real one without a gesture that could fairly be called one; it is
# counted apart, and nothing is chosen by it.
REAL, NEAR, MADE_UP, RENDERED = "real", "near", "made_up", "rendered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What is fitted to, and what is judged: hands of other people, and poses of other kinds.

    rows, names, origins: (n, f), (n,), (n,) of the hands that are judged.
    back: (n,) how likely it is that the back of each is seen, see back_seen; 0.5 where it is not a real one.
    numbers: (n,) row of each among the hands; -1 where it is not a real one.
    without: the fold as if some gestures had never been there, neither themselves nor in hands that were made up of
        them or are like them.
    """

    sample: Sample
    rows: Floats
    names: Strings
    origins: Strings
    back: Floats
    numbers: NDArray[np.int_]
    without: Callable[[Sequence[str]], Fold]


def make_folds(hands: Hands, *, others: OtherHands, settings: SampleSettings, seed: int) -> list[Fold]:
    """Parts neither people nor near duplicates, and of the rendered hands the kinds of pose: a fold is judged on kinds
    that it was not fitted to. Raises DataError where there are too few hands, or of too few people.
    """
    check_enough(hands, folds=FOLDS)
    parts = parted(hands, seed=seed)
    kinds = np.unique(others.kinds)
    return [
        _fold(
            hands, seen, unseen, others=others, kinds=kinds[number :: len(parts)], settings=settings, seed=seed + number
        )
        for number, (seen, unseen) in enumerate(parts)
    ]


def parted(hands: Hands, *, seed: int) -> list[tuple[NDArray[np.int_], NDArray[np.int_]]]:
    """Rows that are fitted to and rows that are judged, of each fold. FOLDS of them, or fewer where few people show a
    gesture: each fold has to learn every gesture, and to be judged on some. Whole sources are held out where that
    leaves enough."""
    gestures = {*hands.labels.tolist()} - {NO_GESTURE}
    for whole_sources in (True, False):
        groups = groups_of(hands, whole_sources=whole_sources)
        for count in range(min(FOLDS, len({*groups.tolist()})), 1, -1):
            splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
            parts = list(splitter.split(hands.points, hands.labels, groups=groups))
            if all(
                gestures <= {*hands.labels[seen].tolist()} and gestures & {*hands.labels[unseen].tolist()}
                for seen, unseen in parts
            ):
                return parts
    alone = [name for name in gestures if len({*groups[hands.labels == name].tolist()}) == 1]
    raise DataError(
        f"{', '.join(sorted(alone or gestures))}: shown by too few people, or in too few recordings, to be judged on "
        "others than it is learned from; add hands of other people"
    )


def _fold(
    hands: Hands,
    seen: NDArray[np.int_],
    unseen: NDArray[np.int_],
    *,
    others: OtherHands,
    kinds: Strings,
    settings: SampleSettings,
    seed: int,
) -> Fold:
    def without(gestures: Sequence[str]) -> Fold:
        gone = np.isin(hands.labels, gestures)
        unlike = apart(others, one_way_round(hands.points[gone]), hands.labels[gone], settings=settings)
        seen_rest, unseen_rest = seen[~gone[seen]], unseen[~gone[unseen]]
        return _fold(hands, seen_rest, unseen_rest, others=unlike, kinds=kinds, settings=settings, seed=seed)

    sample = training_sample(hands.take(seen), others=others.without(kinds), settings=settings, seed=seed)
    judged = hands.take(unseen)
    points = one_way_round(judged.points)
    invented = made_up(judged, settings=settings, random=np.random.default_rng((seed, 1)))
    drawn = rendered(others.of(kinds), points, judged.labels, settings=settings, seed=seed)
    nothing = len(invented) + len(drawn)
    return Fold(
        sample=sample,
        rows=features(np.concatenate([normalise(points), invented, drawn])),
        names=np.concatenate([judged.labels, np.full(nothing, NO_GESTURE)]),
        origins=np.concatenate(
            [
                np.where(judged.near == "", REAL, NEAR).astype("<U8"),
                np.full(len(invented), MADE_UP, dtype="<U8"),
                np.full(len(drawn), RENDERED, dtype="<U8"),
            ]
        ),
        back=np.concatenate([back_seen(judged), np.full(nothing, 0.5)]),
        numbers=np.concatenate([unseen, np.full(nothing, -1)]),
        without=without,
    )
