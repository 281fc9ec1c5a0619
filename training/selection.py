"""The rule by which one kind of model is served."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

from training.kind_figures import KindFigures

# A worker loads it in an instant, and it travels with the program.
MOST_BYTES = 2_000_000
# Scores that differ by less differ by chance: the folds' own scores spread more.
SAME_SCORE = 0.002
# The same for false positive rates: of some thousand hands, fifteen.
SAME_RATE = 0.005

RULE = (
    "The greatest score wins: macro F1 over all classes, `no_gesture` among them, on all held-out hands, those that "
    "make no gesture too; the mean over the folds. "
    f"Kinds of more than {MOST_BYTES / 1e6:g} MB do not take part, unless all are larger. "
    f"Within {SAME_SCORE:g} of the greatest score the lowest false positive rate at 95 % recall wins, and within "
    f"{SAME_RATE:g} of that rate the smallest file."
)


def choose(figures: Mapping[str, KindFigures]) -> str:
    """The kind that the rule chooses. Nothing in it is a time, so that the same data always give the same kind."""
    small = {kind: one for kind, one in figures.items() if one.size_bytes <= MOST_BYTES} or dict(figures)
    greatest = max(one.score.mean for one in small.values())
    level = [kind for kind, one in small.items() if one.score.mean >= greatest - SAME_SCORE]
    lowest = min(_false_positive_rate(small[kind]) for kind in level)
    quiet = [kind for kind in level if _false_positive_rate(small[kind]) <= lowest + SAME_RATE]
    return min(quiet, key=lambda kind: small[kind].size_bytes)


def _false_positive_rate(figures: KindFigures) -> float:
    """At 95 % recall; that of a kind which does not reach it counts as the worst."""
    rate = figures.open_sets["all"].at_recall(0.95)
    return 1.0 if isnan(rate) else rate
