"""Figures on hands that a model was not trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold

from events.prediction import NO_GESTURE
from recognition.classifier import Classifier
from recognition.features import Floats, features, normalise, one_way_round
from training.dataset import check_enough
from training.groups import groups_of
from training.hands import DataError, Hands, Strings
from training.svm import SvmSettings, fit_svm, made_up

FOLDS = 3
# What rejection may cost: the share of rightly named hands that it turns into no_gesture.
TOLERATED_LOSS = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Decisions (n, classes) on hands, each by a model that saw neither the hand nor its person."""

    decisions: Floats
    labels: Strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """accuracy: of hands that make a gesture, with no_gesture counted as wrong.
    macro_f1: mean over the gestures of the harmonic mean of precision and recall.
    no_gesture_recall: share of the hands without a gesture that got none; NaN without any.
    hands: how many hands made a gesture.
    """

    accuracy: float
    macro_f1: float
    no_gesture_recall: float
    hands: int


def hold_out(hands: Hands, *, settings: SvmSettings, progress: Callable[[Sequence[int]], Iterable[int]]) -> HeldOut:
    """Cross-validate in folds that part neither people nor near duplicates. progress wraps the folds' numbers.

    Raises DataError where there are too few hands.
    """
    check_enough(hands, folds=FOLDS)
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=settings.seed)
    splits = list(splitter.split(hands.points, hands.labels, groups=groups_of(hands)))
    decisions, labels, classes = [], [], set()
    for fold in progress(range(FOLDS)):
        seen, unseen = splits[fold]
        machine = fit_svm(hands.points[seen], hands.labels[seen], settings=settings)
        classes.add(machine.classes)
        points, names = one_way_round(hands.points[unseen]), hands.labels[unseen]
        nothing = made_up(points, names, settings=settings, random=np.random.default_rng((settings.seed, fold)))
        decisions.append(machine.decisions(features(np.concatenate([normalise(points), nothing]))))
        labels += [names, np.full(len(nothing), NO_GESTURE)]
    held_out = HeldOut(decisions=np.concatenate(decisions), labels=np.concatenate(labels))
    if any(set(learned) != set(held_out.labels.tolist()) for learned in classes):
        raise DataError("some gesture is shown by too few people to learn it without a third of them; add hands")
    return held_out


def named(probabilities: Floats, *, classes: tuple[str, ...], threshold: float) -> Strings:
    """Labels (n,): the likeliest class of each row, no_gesture where it is less probable than the threshold."""
    likeliest = np.array(classes)[probabilities.argmax(axis=1)]
    return np.where(probabilities.max(axis=1) < threshold, NO_GESTURE, likeliest)


def choose_threshold(probabilities: Floats, labels: Strings, *, classes: tuple[str, ...]) -> float:
    """The greatest threshold, in hundredths, that keeps all but TOLERATED_LOSS of the rightly named gestures."""
    right = (named(probabilities, classes=classes, threshold=0.0) == labels) & (labels != NO_GESTURE)
    return float(np.floor(100 * np.quantile(probabilities[right].max(axis=1), TOLERATED_LOSS)) / 100)


def figures(found: Strings, labels: Strings) -> Figures:
    gesture = labels != NO_GESTURE
    shown = sorted({*labels.tolist()} - {NO_GESTURE})
    return Figures(
        accuracy=float(np.mean(found[gesture] == labels[gesture])),
        macro_f1=float(f1_score(labels, found, labels=shown, average="macro", zero_division=0.0)),
        no_gesture_recall=float(np.mean(found[~gesture] == NO_GESTURE)) if (~gesture).any() else float("nan"),
        hands=int(gesture.sum()),
    )


def check(classifier: Classifier, hands: Hands, *, threshold: float) -> Figures:
    """Figures on hands that nothing was trained on, by their shape alone: tables do not say the handedness."""
    found = named(classifier.predict_proba(features(hands.points)), classes=classifier.classes, threshold=threshold)
    return figures(found, hands.labels)
