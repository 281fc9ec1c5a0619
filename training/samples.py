"""What a model is fitted to: hands, other views of them, and hands that make no gesture."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise, one_way_round
from training.hands import Strings
from training.other_hands import OtherHands
from training.variation import View, far_from, no_gestures, other_views


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSettings:
    """views: further views of each hand.
    made_up: tries to make up a hand without a gesture, for each hand with one.
    rendered: hands without a gesture out of rendered pictures, at the most, for each hand with one. Where they are many
        times as many, a model that knows few hands names hardly any.
    distance: what comes nearer to a hand with a gesture than this (Euclidean, over the normalised points) may well be
        one itself, and is left out.
    """

    views: int = 1
    view: View = field(default_factory=View)
    made_up: float = 0.5
    rendered: float = 0.5
    distance: float = 1.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """rows: (n, FEATURE_COUNT). names: (n,), `no_gesture` among them."""

    rows: Floats
    names: Strings


def training_sample(
    points: Floats, labels: Strings, *, others: OtherHands, settings: SampleSettings, seed: int
) -> Sample:
    """From hands (n, 21, 2) of unknown handedness and rendered hands without a gesture."""
    random = np.random.default_rng(seed)
    hands = one_way_round(points)
    invented = made_up(hands, labels, settings=settings, random=random)
    nothing = np.concatenate([invented, rendered(others, hands, labels, settings=settings, seed=seed)])
    real = np.concatenate([normalise(hands), nothing])
    names = np.concatenate([labels, np.full(len(nothing), NO_GESTURE)])
    views = [other_views(real, view=settings.view, random=random) for _ in range(settings.views)]
    return Sample(rows=features(np.concatenate([real, *views])), names=np.tile(names, 1 + settings.views))


def made_up(hands: Floats, labels: Strings, *, settings: SampleSettings, random: np.random.Generator) -> Floats:
    """Hands without a gesture, normalised, made of those (n, 21, 2) with one, all the same way round."""
    hands, labels = _gestures(hands, labels)
    if not len(hands):
        return hands
    count = round(settings.made_up * len(hands))
    return no_gestures(hands, labels, count=count, distance=settings.distance, random=random)


def rendered(others: OtherHands, hands: Floats, labels: Strings, *, settings: SampleSettings, seed: int) -> Floats:
    """Rendered hands, normalised, to go with hands (n, 21, 2) all the same way round: unlike those with a gesture, and
    not too many for them."""
    points = apart(others, hands, labels, settings=settings).points
    most = round(settings.rendered * int((labels != NO_GESTURE).sum()))
    if len(points) <= most:
        return points
    return points[np.sort(np.random.default_rng((seed, 2)).permutation(len(points))[:most])]


def apart(others: OtherHands, hands: Floats, labels: Strings, *, settings: SampleSettings) -> OtherHands:
    """The rendered hands, normalised, that are unlike all hands (n, 21, 2) with a gesture, all the same way round."""
    hands, _ = _gestures(hands, labels)
    points = normalise(one_way_round(others.points))
    far = far_from(normalise(hands), points, distance=settings.distance)
    return OtherHands(points=points[far], kinds=others.kinds[far])


def _gestures(hands: Floats, labels: Strings) -> tuple[Floats, Strings]:
    gesture = labels != NO_GESTURE
    return hands[gesture], labels[gesture]
