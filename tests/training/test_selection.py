"""The rule by which one kind is chosen."""

from __future__ import annotations

import dataclasses
from math import isnan, nan

import numpy as np

from tests.training.small import ONLY_LINEAR, few_others, table, trained
from training.kind_figures import Interval, KindFigures
from training.selection import MOST_BYTES, RULE, SAME_SCORE, choose

(ANY,) = trained(table(each=6), kinds=ONLY_LINEAR, others=few_others(3)).figures.values()


def figures(*, score: float, size_bytes: int = 1000, false_positives: float = 0.1) -> KindFigures:
    """false_positives: at 95 % recall; NaN where that is not reached."""
    reached = not isnan(false_positives)
    every = dataclasses.replace(
        ANY.open_sets["all"],
        recalls=np.array([0.5, 0.96 if reached else 0.9]),
        false_positive_rates=np.array([0.0, false_positives if reached else 0.0]),
    )
    return dataclasses.replace(
        ANY,
        score=Interval(mean=score, low=score, high=score),
        size_bytes=size_bytes,
        open_sets={**ANY.open_sets, "all": every},
    )


def test_the_greatest_score_wins() -> None:
    better = figures(score=0.95, size_bytes=900_000, false_positives=0.3)

    assert choose({"svm": figures(score=0.9, false_positives=0.0), "lightgbm": better}) == "lightgbm"


def test_of_scores_that_are_not_told_apart_the_one_with_the_fewest_false_positives_wins() -> None:
    level = {
        "svm": figures(score=0.9485, false_positives=0.05),
        "lightgbm": figures(score=0.95, false_positives=0.06),
        "logistic_regression": figures(score=0.9475, false_positives=0.0),
    }

    assert choose(level) == "svm"


def test_of_rates_that_are_not_told_apart_either_the_smallest_file_wins() -> None:
    level = {
        "lightgbm": figures(score=0.95, false_positives=0.027, size_bytes=1_600_000),
        "svm": figures(score=0.951, false_positives=0.03, size_bytes=400_000),
        "logistic_regression": figures(score=0.95, false_positives=0.05),
    }

    assert choose(level) == "svm"


def test_a_kind_that_does_not_reach_the_recall_comes_last_among_equals() -> None:
    assert choose({"svm": figures(score=0.95, false_positives=nan), "lightgbm": figures(score=0.95)}) == "lightgbm"


def test_a_kind_that_is_too_large_does_not_take_part() -> None:
    fitting = {"svm": figures(score=0.9, size_bytes=MOST_BYTES)}

    assert choose({"random_forest": figures(score=0.99, size_bytes=MOST_BYTES + 1), **fitting}) == "svm"


def test_where_all_are_too_large_all_take_part() -> None:
    assert choose({"svm": figures(score=0.9, size_bytes=MOST_BYTES + 1),
                   "random_forest": figures(score=0.95, size_bytes=9 * MOST_BYTES)}) == "random_forest"  # fmt: skip


def test_the_rule_says_its_limits() -> None:
    for told in ("2 MB", f"{SAME_SCORE:g}", "macro F1", "false positive rate at 95 % recall", "smallest file"):
        assert told in RULE
