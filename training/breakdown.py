"""Held-out hands of the chosen kind in detail: by gesture and viewpoint, by source, and what is taken for what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.decision import Decisions
from recognition.features import INDEX_MCP, PINKY_MCP, WRIST, Floats
from training.cross_validation import HeldOut
from training.folds import NEAR
from training.hands import Hands, Strings
from training.sides import back_seen

PALM, BACK, EDGE, UNKNOWN = "palm", "back", "edge on", "not known"
# The palm plane is seen at less than 30 degrees.
_EDGE_ON = 0.5
PAIRS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewFigures:
    """Hands of one gesture from one viewpoint. right: rightly named. rejected: taken for no_gesture. Both in hands."""

    gesture: str
    viewpoint: str
    hands: int
    right: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFigures:
    """Hands of one source: with a gesture, of these rightly named; without, clear cases and those near a gesture, and
    how many of each were named as one."""

    source: str
    gestures: int
    right: int
    clear: int
    clear_named: int
    near: int
    near_named: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """views: by gesture and viewpoint. sources: largest first.
    confusions: what the hand shows (its kind where it makes no gesture), what it was named as, hands; most first.
    """

    views: tuple[ViewFigures, ...]
    sources: tuple[SourceFigures, ...]
    confusions: tuple[tuple[str, str, int], ...]

    @classmethod
    def of(cls, held: HeldOut, decisions: Decisions, hands: Hands) -> Breakdown:
        """decisions: of the held-out hands (n,), by models that were not fitted to them."""
        rows = held.numbers >= 0
        shown = hands.take(held.numbers[rows])
        named = decisions.gestures[rows]
        return cls(
            views=_views(shown, named),
            sources=_sources(shown, named, near=held.origins[rows] == NEAR),
            confusions=_confusions(shown, named),
        )

    @property
    def clear(self) -> tuple[int, int]:
        """Hands of the data that clearly make no gesture, and how many of them were named as one."""
        return sum(one.clear for one in self.sources), sum(one.clear_named for one in self.sources)


def viewpoints(hands: Hands) -> Strings:
    """From where each hand is seen (n,): PALM, BACK, EDGE or UNKNOWN."""
    back = back_seen(hands)
    sides = np.where(back > 0.5, BACK, np.where(back < 0.5, PALM, UNKNOWN))
    return np.where(_facing(hands.world) < _EDGE_ON, EDGE, sides)


def _facing(world: Floats) -> Floats:
    """Cosine of the angle between palm plane and picture (n,); NaN where it is not known."""
    normal = np.cross(world[:, INDEX_MCP] - world[:, WRIST], world[:, PINKY_MCP] - world[:, WRIST])
    return np.asarray(np.abs(normal[:, 2]) / np.maximum(np.sqrt((normal * normal).sum(axis=1)), 1e-12))


def _views(hands: Hands, named: Strings) -> tuple[ViewFigures, ...]:
    seen_from = viewpoints(hands)
    figures = []
    for gesture in sorted({*hands.labels.tolist()} - {NO_GESTURE}):
        for viewpoint in (PALM, BACK, EDGE, UNKNOWN):
            found = named[(hands.labels == gesture) & (seen_from == viewpoint)]
            if len(found):
                figures.append(
                    ViewFigures(
                        gesture=gesture,
                        viewpoint=viewpoint,
                        hands=len(found),
                        right=int((found == gesture).sum()),
                        rejected=int((found == NO_GESTURE).sum()),
                    )
                )
    return tuple(figures)


def _sources(hands: Hands, named: Strings, *, near: NDArray[np.bool_]) -> tuple[SourceFigures, ...]:
    nothing, taken, right = hands.labels == NO_GESTURE, named != NO_GESTURE, named == hands.labels
    figures = []
    for source, _ in Counter(hands.sources.tolist()).most_common():
        own = hands.sources == source
        gestures, clear, close = own & ~nothing, own & nothing & ~near, own & nothing & near
        figures.append(
            SourceFigures(
                source=source,
                gestures=int(gestures.sum()),
                right=int((gestures & right).sum()),
                clear=int(clear.sum()),
                clear_named=int((clear & taken).sum()),
                near=int(close.sum()),
                near_named=int((close & taken).sum()),
            )
        )
    return tuple(figures)


def _confusions(hands: Hands, named: Strings) -> tuple[tuple[str, str, int], ...]:
    wrong = named != hands.labels
    kinds = np.where((hands.labels == NO_GESTURE) & (hands.kinds != ""), hands.kinds, hands.labels)
    pairs = Counter(zip(kinds[wrong].tolist(), named[wrong].tolist(), strict=True))
    return tuple((shown, found, count) for (shown, found), count in pairs.most_common(PAIRS_SHOWN))
