"""Figures of each class, and which classes are taken for which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Self

from evaluation.label_set import accepted, is_set, order
from evaluation.outcome import NO_HAND, Outcome
from evaluation.rate import Rate
from events.prediction import NO_GESTURE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFigures:
    """precision: how many of the pictures that were named so bear the label. recall: how many that bear the label were
    named so. detection: how many that bear the label show a hand to the landmark model.

    Of `no_gesture`, a picture in which no hand was found counts as named so. A label set such as `palm+stop` has recall
    and detection only: nothing is named so, and what its pictures are named counts for that gesture's precision.
    """

    name: str
    precision: Rate
    recall: Rate
    detection: Rate

    @property
    def support(self) -> int:
        """Pictures that bear the label."""
        return self.recall.total

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 where one of them has no pictures; NaN for a label set, and for a
        class that neither labels nor predictions name."""
        if is_set(self.name) or not self.precision.total + self.recall.total:
            return nan
        if not self.precision.hits or not self.recall.hits:
            return 0.0
        precision, recall = self.precision.value, self.recall.value
        return 2 * precision * recall / (precision + recall)

    @classmethod
    def of(cls, name: str, *, labelled: Sequence[Outcome], named: Sequence[Outcome]) -> Self:
        """labelled: the outcomes that bear the label; named: those that were named so."""
        return cls(
            name=name,
            precision=Rate.of(one.is_right for one in named),
            recall=Rate.of(one.is_right for one in labelled),
            detection=Rate.of(one.has_hand for one in labelled),
        )


def class_figures(outcomes: Sequence[Outcome]) -> tuple[ClassFigures, ...]:
    """Of every class that a label or a prediction names."""
    labelled: dict[str, list[Outcome]] = defaultdict(list)
    named: dict[str, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        labelled[one.label].append(one)
        named[one.named].append(one)
    seen = {one.gesture for one in outcomes if one.gesture is not None}
    return tuple(
        ClassFigures.of(name, labelled=labelled[name], named=named[name]) for name in in_order({*labelled, *seen})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """counts[i][j]: pictures labelled labels[i] of which said[j] was said; said ends with `no_gesture`, `no hand`."""

    labels: tuple[str, ...]
    said: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Self:
        pairs = Counter((one.label, one.said) for one in outcomes)
        labels = in_order({one.label for one in outcomes})
        single = {name for label in labels for name in accepted(label)}
        said = (*in_order({*single, *(one.named for one in outcomes), NO_GESTURE}), NO_HAND)
        return cls(
            labels=labels, said=said, counts=tuple(tuple(pairs[label, word] for word in said) for label in labels)
        )

    def largest(self, most: int) -> Self:
        """The part of it with at most so many labels and so many gestures that were said: those with most pictures."""
        sizes = {label: sum(row) for label, row in zip(self.labels, self.counts, strict=True)}
        labels = sorted(self.labels, key=lambda label: -sizes[label])[:most]
        frequency = dict(zip(self.said, map(sum, zip(*self.counts, strict=True)), strict=True))
        single = {name for label in labels for name in accepted(label)}
        said = {*single, *sorted(self.said, key=lambda word: -frequency[word])[:most], NO_GESTURE, NO_HAND}
        rows = [row for row, label in enumerate(self.labels) if label in labels]
        columns = [column for column, word in enumerate(self.said) if word in said]
        return type(self)(
            labels=tuple(self.labels[row] for row in rows),
            said=tuple(self.said[column] for column in columns),
            counts=tuple(tuple(self.counts[row][column] for column in columns) for row in rows),
        )

    def mistakes(self) -> list[tuple[str, str, int]]:
        """Label, what was said instead, and how often; the most frequent first."""
        found = [
            (label, word, count)
            for label, row in zip(self.labels, self.counts, strict=True)
            for word, count in zip(self.said, row, strict=True)
            if count and not is_right(label, word)
        ]
        return sorted(found, key=lambda mistake: -mistake[2])


def is_right(label: str, said: str) -> bool:
    return (NO_GESTURE if said == NO_HAND else said) in accepted(label)


def in_order(names: set[str]) -> tuple[str, ...]:
    """The 18 gestures first, then others by name, `no_gesture` last; a label set follows its first member."""
    return tuple(sorted(names, key=order))
