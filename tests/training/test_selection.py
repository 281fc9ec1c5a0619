"""The rule by which one kind is chosen."""

from __future__ import annotations

import dataclasses

from tests.training.small import ONLY_LINEAR, few_others, table, trained
from training.kind_figures import Interval, KindFigures
from training.selection import MOST_BYTES, RULE, choose

(ANY,) = trained(table(each=6), kinds=ONLY_LINEAR, others=few_others(3)).figures.values()


def figures(*, score: float, size_bytes: int) -> KindFigures:
    return dataclasses.replace(ANY, score=Interval(mean=score, low=score, high=score), size_bytes=size_bytes)


def test_the_greatest_score_wins() -> None:
    assert choose({"svm": figures(score=0.9, size_bytes=10), "lightgbm": figures(score=0.95, size_bytes=900)}) == (
        "lightgbm"
    )


def test_of_scores_that_are_not_told_apart_the_smallest_model_wins() -> None:
    level = {
        "svm": figures(score=0.9495, size_bytes=500),
        "lightgbm": figures(score=0.95, size_bytes=900),
        "logistic_regression": figures(score=0.9485, size_bytes=10),
    }

    assert choose(level) == "svm"


def test_a_kind_that_is_too_large_does_not_take_part() -> None:
    fitting = {"svm": figures(score=0.9, size_bytes=MOST_BYTES)}

    assert choose({"random_forest": figures(score=0.99, size_bytes=MOST_BYTES + 1), **fitting}) == "svm"


def test_where_all_are_too_large_all_take_part() -> None:
    assert choose({"svm": figures(score=0.9, size_bytes=MOST_BYTES + 1),
                   "random_forest": figures(score=0.95, size_bytes=9 * MOST_BYTES)}) == "random_forest"  # fmt: skip


def test_the_rule_says_its_limits() -> None:
    for told in ("2 MB", "0.001", "macro F1"):
        assert told in RULE
