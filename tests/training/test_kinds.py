"""What is served is what scikit-learn and LightGBM have learned."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from recognition.features import FEATURE_COUNT, Floats, features
from tests.training.hands import hands
from tests.training.small import SMALL
from training import boosted_trees, random_forest
from training.candidate import Candidate
from training.hands import Strings
from training.kinds import KINDS
from training.logistic_regression import LogisticRegressionCandidate
from training.svm import SvmCandidate, _machines

SEEN = hands(each=40, seed=1)
ROWS, NAMES = features(SEEN[0]), SEEN[1]
UNSEEN = features(hands(each=10, seed=2)[0])
# Far from all that was learned, where single and double precision part first.
ANYWHERE = np.concatenate([UNSEEN, np.random.default_rng(0).normal(0, 2, (400, FEATURE_COUNT))])


def two(rows: Floats = ROWS, names: Strings = NAMES) -> tuple[Floats, Strings]:
    kept = np.isin(names, ["palm", "fist"])
    return rows[kept], names[kept]


def centred(scores: Floats) -> Floats:
    """Scores that mean odds are the same but for a constant in each row."""
    return np.asarray(scores - scores.mean(axis=1, keepdims=True))


@pytest.mark.parametrize(("rows", "names"), [(ROWS, NAMES), two()], ids=["four classes", "two classes"])
def test_logistic_regression_serves_what_scikit_learn_learned(rows: Floats, names: Strings) -> None:
    candidate = LogisticRegressionCandidate(c=0.5)
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=150, random_state=0)).fit(rows, names)

    fitted = candidate.fit(rows, names, seed=0)
    odds = np.exp(fitted.scorer.scores(UNSEEN))

    assert fitted.classes == tuple(theirs.classes_)
    np.testing.assert_allclose(odds / odds.sum(axis=1, keepdims=True), theirs.predict_proba(UNSEEN), atol=1e-4)


@pytest.mark.parametrize(("rows", "names"), [(ROWS, NAMES), two()], ids=["four classes", "two classes"])
@pytest.mark.parametrize("least_leaf", [1, 5, 10_000], ids=["whole", "cut", "single leaves"])
def test_a_flattened_forest_gives_scikit_learns_shares(rows: Floats, names: Strings, least_leaf: int) -> None:
    theirs = RandomForestClassifier(n_estimators=20, min_samples_leaf=least_leaf, random_state=0).fit(rows, names)

    forest = random_forest.flattened(theirs)

    shares = np.maximum(theirs.predict_proba(ANYWHERE), 1e-3)
    np.testing.assert_allclose(np.exp(forest.scores(ANYWHERE)), shares, rtol=1e-5)
    assert (forest.trees.depth == 0) == (least_leaf == 10_000)


def boosted(rows: Floats, names: Strings, **more: Any) -> lightgbm.Booster:
    classes, targets = np.unique(names, return_inverse=True)
    parameters = {"objective": "multiclass", "num_class": len(classes), "num_leaves": 7, "min_data_in_leaf": 5,
                  "num_threads": 1, "verbosity": -1, **more}  # fmt: skip
    return lightgbm.train(parameters, lightgbm.Dataset(rows, targets), num_boost_round=12)


@pytest.mark.parametrize(("rows", "names"), [(ROWS, NAMES), two()], ids=["four classes", "two classes"])
@pytest.mark.parametrize("more", [{}, {"min_data_in_leaf": 10_000}], ids=["trees", "single leaves"])
def test_flattened_boosted_trees_give_lightgbms_scores(rows: Floats, names: Strings, more: dict[str, Any]) -> None:
    theirs = boosted(rows, names, **more)

    trees = boosted_trees.flattened(theirs, class_count=len(set(names)))

    raw = np.asarray(theirs.predict(ANYWHERE, raw_score=True))
    np.testing.assert_allclose(trees.scores(ANYWHERE), raw, atol=1e-5)
    assert (trees.trees.depth == 0) == bool(more)


def test_trees_of_which_some_are_a_single_leaf_are_walked_to_their_own_end() -> None:
    """Two hands of one class are too few to part them from the others."""
    few = np.concatenate([np.flatnonzero(NAMES != "call"), np.flatnonzero(NAMES == "call")[:2]])
    theirs = boosted(ROWS[few], NAMES[few], min_data_in_leaf=10, min_gain_to_split=25)
    leaves = {tree["num_leaves"] for tree in theirs.dump_model()["tree_info"]}

    trees = boosted_trees.flattened(theirs, class_count=4)

    assert min(leaves) == 1 < max(leaves)
    np.testing.assert_allclose(trees.scores(ANYWHERE), np.asarray(theirs.predict(ANYWHERE, raw_score=True)), atol=1e-5)


def test_more_rows_than_are_walked_at_once_end_as_each_does_alone() -> None:
    scorer = SMALL["random_forest"][0].fit(ROWS, NAMES, seed=0).scorer
    many = np.random.default_rng(3).normal(size=(1203, FEATURE_COUNT))

    np.testing.assert_array_equal(scorer.scores(many)[::300], [scorer.scores(row[None])[0] for row in many[::300]])
    assert scorer.scores(many[:0]).shape == (0, 4)


def test_the_machines_lose_as_little_as_scikit_learns() -> None:
    scaled = StandardScaler().fit_transform(ROWS)
    classes, targets = np.unique(NAMES, return_inverse=True)
    c = 0.05

    def loss(weights: Floats, intercepts: Floats) -> float:
        signs = np.where(targets[:, None] == np.arange(len(classes)), 1, -1)
        slack = np.maximum(1 - signs * (scaled @ weights + intercepts), 0)
        return float(((weights**2).sum() + (intercepts**2).sum()) / 2 + c * (slack**2).sum())

    theirs = LinearSVC(C=c, dual=False, tol=1e-8, max_iter=10_000).fit(scaled, NAMES)
    least = loss(theirs.coef_.T, theirs.intercept_)

    assert loss(*_machines(scaled, targets, count=len(classes), c=c)) == pytest.approx(least, rel=0.02)


def test_the_kernel_takes_no_more_anchors_than_there_are_rows() -> None:
    fitted = SvmCandidate(anchors=400).fit(ROWS[::8], NAMES[::8], seed=0)

    assert np.isfinite(fitted.scorer.scores(ANYWHERE)).all()


@pytest.mark.parametrize("candidate", [one for (one,) in SMALL.values()], ids=list(SMALL))
def test_each_kind_learns_and_the_same_seed_gives_the_same(candidate: Candidate) -> None:
    one, same, other = (candidate.fit(ROWS, NAMES, seed=seed) for seed in (0, 0, 1))

    labels = hands(each=10, seed=2)[1]
    found = np.array(one.classes)[one.scorer.scores(UNSEEN).argmax(axis=1)]
    assert one.classes == ("call", "fist", "palm", "peace")
    assert np.mean(found == labels) > 0.95
    np.testing.assert_array_equal(one.scorer.scores(ANYWHERE), same.scorer.scores(ANYWHERE))
    by_chance = candidate.kind != "logistic_regression"
    assert (np.abs(one.scorer.scores(ANYWHERE) - other.scorer.scores(ANYWHERE)).max() > 1e-6) == by_chance


@pytest.mark.parametrize("candidate", [one for (one,) in SMALL.values()], ids=list(SMALL))
@pytest.mark.parametrize("count", [1, 2])
def test_a_few_hands_are_scored_as_many_are(candidate: Candidate, count: int) -> None:
    scorer = candidate.fit(ROWS, NAMES, seed=0).scorer

    np.testing.assert_allclose(scorer.scores(UNSEEN[:count]), scorer.scores(UNSEEN)[:count], atol=1e-4)


def test_four_kinds_are_tried_each_under_its_name() -> None:
    assert list(KINDS) == ["logistic_regression", "svm", "random_forest", "lightgbm"]
    for kind, candidates in KINDS.items():
        assert {candidate.kind for candidate in candidates} == {kind}
        assert len(set(candidates)) == len(candidates) > 1
