"""Which misses to show, where not all can be shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from evaluation.outcome import Outcome, by_severity

# Frames of one camera that lie no farther apart show the same hand in the same way.
NEIGHBOURS = 15


def worst(misses: Sequence[Outcome], *, count: int) -> list[Outcome]:
    """At most so many, worst first, so that they differ: one of each kind of mistake before any second one, and
    neighbours in a film only where there is nothing else.

    misses: worst first, of which each kind is represented by its worst.
    """
    firsts: list[Outcome] = []
    others: list[Outcome] = []
    neighbours: list[Outcome] = []
    kinds: set[tuple[str, str]] = set()
    taken: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for one in misses:
        kind = (one.label, one.said)
        near = taken[(*kind, one.camera, one.run)]
        if kind not in kinds:
            group = firsts
        elif len(others) >= count:
            continue
        elif one.is_still or all(abs(one.sequence - other) > NEIGHBOURS for other in near):
            group = others
        else:
            neighbours.append(one)
            continue
        kinds.add(kind)
        near.append(one.sequence)
        group.append(one)
    return by_severity([*firsts, *others, *neighbours][:count])
