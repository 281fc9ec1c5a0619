"""What a model is fitted to: hands, other views of them, and hands that make no gesture."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise, one_way_round
from training.hands import Hands, Strings
from training.other_hands import OtherHands
from training.variation import View, far_from, no_gestures, other_views, turned_views

# As many real hands that clearly make no gesture, and none need to be made up.
ENOUGH_REAL = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSettings:
    """views: further views of each hand of the largest source. Hands of a smaller source are shown more often, by the
        square root of how many times larger the largest one is: few hands of many people and cameras would else be
        lost among many of one kind.
    most_views: further views of a hand at the most, for each of `views`.
    near_share: of its further views that a hand is shown in which makes no gesture but could fairly be called one: it
        shall not count as much as a clear case.
    made_up: tries to make up a hand without a gesture, for each hand with one.
    rendered: hands without a gesture out of rendered pictures, at the most, for each hand with one. Where they are many
        times as many, a model that knows few hands names hardly any.
    distance: what comes nearer to a hand with a gesture than this (Euclidean, over the normalised points) may well be
        one itself, and is left out.
    """

    views: int = 1
    most_views: int = 6
    near_share: float = 1 / 3
    view: View = field(default_factory=View)
    made_up: float = 0.5
    rendered: float = 0.5
    distance: float = 1.4

    def learning_from(self, hands: Hands) -> SampleSettings:
        """The settings for these hands: where enough of them really make no gesture, none is made up of gestures.

        A hand between two gestures looks much like a third, seen from where no hand of the data was seen.
        """
        clear = (hands.labels == NO_GESTURE) & (hands.near == "")
        return replace(self, made_up=0.0) if clear.sum() >= ENOUGH_REAL else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """rows: (n, FEATURE_COUNT). names: (n,), `no_gesture` among them."""

    rows: Floats
    names: Strings


def training_sample(hands: Hands, *, others: OtherHands, settings: SampleSettings, seed: int) -> Sample:
    """From labelled hands and rendered hands without a gesture."""
    random = np.random.default_rng(seed)
    points = one_way_round(hands.points)
    nothing = np.concatenate(
        [
            made_up(hands, settings=settings, random=random),
            rendered(others, points, hands.labels, settings=settings, seed=seed),
        ]
    )
    repeated = hands.take(np.repeat(np.arange(len(hands)), view_counts(hands, settings=settings)))
    rows = [
        normalise(points),
        _views(repeated, settings=settings, random=random),
        nothing,
        *(other_views(nothing, view=settings.view, random=random) for _ in range(settings.views)),
    ]
    names = [hands.labels, repeated.labels, np.full(len(nothing) * (1 + settings.views), NO_GESTURE)]
    return Sample(rows=features(np.concatenate(rows)), names=np.concatenate(names))


def view_counts(hands: Hands, *, settings: SampleSettings) -> NDArray[np.int_]:
    """How many further views of each hand are made (n,)."""
    _, source, sizes = np.unique(hands.sources, return_inverse=True, return_counts=True)
    share = (sizes.max(initial=1) / sizes) ** 0.5
    counts = settings.views * np.minimum(share, settings.most_views)[source]
    return np.asarray(np.round(np.where(hands.near == "", 1.0, settings.near_share) * counts), dtype=np.int_)


def made_up(hands: Hands, *, settings: SampleSettings, random: np.random.Generator) -> Floats:
    """Hands without a gesture, normalised, made of those with one, all the same way round."""
    points, labels = _gestures(one_way_round(hands.points), hands.labels)
    count = round(settings.made_up * len(points))
    if not count:
        return points[:0]
    return no_gestures(points, labels, count=count, distance=settings.distance, random=random)


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


def _views(hands: Hands, *, settings: SampleSettings, random: np.random.Generator) -> Floats:
    """Each hand from another view, normalised; turned in space where its world landmarks are known."""
    seen = other_views(one_way_round(hands.points), view=settings.view, random=random)
    rows = np.flatnonzero(hands.has_world)
    seen[rows] = turned_views(hands.world[rows], view=settings.view, random=random)
    return seen


def _gestures(hands: Floats, labels: Strings) -> tuple[Floats, Strings]:
    gesture = labels != NO_GESTURE
    return hands[gesture], labels[gesture]
