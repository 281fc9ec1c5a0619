"""Models of every kind are kept as arrays, and only such as fit together are taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, ClassVar

import numpy as np
import pytest

from recognition.bundle_arrays import ModelFileError, packed, unpacked
from recognition.bundle_kinds import KINDS, model_file, read_model
from recognition.bundle_layout import Axes, LayoutError
from recognition.classifier import CalibratedClassifier, Scorer
from recognition.features import FEATURE_COUNT, Floats
from recognition.linear import LinearModel
from recognition.trees import Forest
from tests.recognition.twins import CLASSES, classifier
from tests.training.small import SMALL
from training.kinds import KINDS as TRAINED_KINDS

RANDOM = np.random.default_rng(0)
ROWS = RANDOM.normal(size=(80, FEATURE_COUNT))
NAMES = np.array(CLASSES)[np.arange(80) % len(CLASSES)]

Arrays = dict[str, Any]
Tree = dict[str, Any]


@cache
def of_kind(kind: str) -> CalibratedClassifier:
    fitted = SMALL[kind][0].fit(ROWS, NAMES, seed=0)
    return CalibratedClassifier(
        classes=fitted.classes, scorer=fitted.scorer, slope=1.25, offsets=RANDOM.normal(size=len(CLASSES))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The weighted mean of several models: a kind that holds others."""

    kind: ClassVar = "mean"
    scorers: Annotated[tuple[Scorer, ...], Axes("scorers")]
    weights: Annotated[Floats, Axes("scorers")]

    def scores(self, features: Floats) -> Floats:
        return np.asarray(np.tensordot(self.weights, [scorer.scores(features) for scorer in self.scorers], axes=1))


@pytest.mark.parametrize("kind", TRAINED_KINDS)
def test_a_model_of_each_kind_comes_back_as_it_was(kind: str) -> None:
    model = of_kind(kind)

    again = read_model(model_file(model))

    assert again.classes == model.classes
    np.testing.assert_array_equal(again.predict_proba(ROWS), model.predict_proba(ROWS))
    assert model_file(again) == model_file(model)


def test_models_can_be_made_of_models() -> None:
    parts = tuple(of_kind(kind).scorer for kind in TRAINED_KINDS)
    nested = Mean(
        scorers=(Mean(scorers=parts[:2], weights=np.array([0.5, 0.5])), *parts[2:]), weights=np.array([0.2, 0.3, 0.5])
    )
    model = replace(of_kind("svm"), scorer=nested)
    kinds = {**KINDS, Mean.kind: Mean}

    content = model_file(model, kinds=kinds)

    np.testing.assert_array_equal(read_model(content, kinds=kinds).predict_proba(ROWS), model.predict_proba(ROWS))
    with pytest.raises(LayoutError, match=r"scorer.kind is 'mean', none of boosted_trees, forest, kernel_svm, linear"):
        read_model(content)
    with pytest.raises(LayoutError, match=r"scorer.scorers.0.scorers has 2 entries, expected 3"):
        read_model(changed(content, put("scorer.scorers.0.weights", np.ones(3))), kinds=kinds)


def changed(content: bytes, change: Callable[[Tree, Arrays], None]) -> bytes:
    document, arrays = unpacked(content)
    tree = json.loads(document)
    change(tree, arrays)
    return packed(json.dumps(tree).encode(), arrays)


def put(name: str, array: np.ndarray) -> Callable[[Tree, Arrays], None]:
    return lambda _, arrays: arrays.update({name: array})


def say(name: str, value: Any) -> Callable[[Tree, Arrays], None]:
    def change(tree: Tree, _: Arrays) -> None:
        *path, last = name.split(".")
        for step in path:
            tree = tree[step]
        tree[last] = value

    return change


def zeros(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.zeros(shape, dtype)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            put("scorer.mean", zeros(FEATURE_COUNT - 1)),
            rf"scorer.mean has the shape \(74,\), expected \({FEATURE_COUNT}\)",
        ),
        (put("scorer.weights", zeros(5, 3)), r"scorer.weights has the shape \(5, 3\), expected \(5, 4\)"),
        (put("scorer.anchor_norms", zeros(4)), r"scorer.anchor_norms has the shape \(4,\), expected \(5\)"),
        (put("scorer.weights", zeros(5)), r"scorer.weights has the shape \(5,\), expected \(5, 4\)"),
        (put("offsets", zeros(4)), "offsets is of float32, not of float64"),
        (
            put("scorer.mean", np.full(FEATURE_COUNT, np.nan, np.float32)),
            "scorer.mean holds values that are not finite",
        ),
        (put("scorer.more", zeros(1)), "unexpected array 'scorer.more'"),
        (lambda _, arrays: arrays.pop("scorer.mean"), "the array scorer.mean is missing"),
        (lambda tree, _: tree.pop("slope"), "slope is missing"),
        (say("more", 1), "more is unexpected"),
        (say("slope", "steep"), "slope is 'steep', not a number"),
        (say("slope", True), "slope is True, not a number"),
        (say("slope", 10**400), "cannot be read"),
        (say("classes", "fist"), "classes is 'fist', not an array of strings"),
        (say("classes", ["fist"]), r"offsets has the shape \(4,\), expected \(1\)"),
        (say("scorer", None), "scorer is None, not an object"),
        (say("scorer.kind", "os.system"), "scorer.kind is 'os.system', none of"),
        (say("scorer.kind", ["svm"]), "scorer.kind is"),
        (say("scorer.kind", "linear"), "scorer.gamma is unexpected"),
    ],
)
def test_what_does_not_fit_together_is_named(change: Callable[[Tree, Arrays], None], told: str) -> None:
    content = changed(model_file(classifier()), change)

    with pytest.raises((LayoutError, ModelFileError), match=told):
        read_model(content)


@pytest.mark.parametrize(
    ("name", "value"),
    [("feature", FEATURE_COUNT), ("feature", -1), ("left", -1), ("right", 10**6), ("roots", 10**6), ("leaf", 10**6)],
)
@pytest.mark.parametrize("kind", ["random_forest", "lightgbm"])
def test_trees_that_lead_nowhere_are_refused(kind: str, name: str, value: int) -> None:
    def change(_: Tree, arrays: Arrays) -> None:
        array = arrays[f"scorer.trees.{name}"].copy()
        array[-1] = value
        arrays[f"scorer.trees.{name}"] = array

    with pytest.raises(LayoutError, match=r"holds indices outside 0 to|lead to leaves that are none of"):
        read_model(changed(model_file(of_kind(kind)), change))


def test_trees_of_a_depth_that_would_never_end_are_refused() -> None:
    with pytest.raises(LayoutError, match="cannot be 1000000000 deep"):
        read_model(changed(model_file(of_kind("random_forest")), say("scorer.trees.depth", 10**9)))


def test_boosted_trees_are_of_as_many_classes_as_the_model() -> None:
    with pytest.raises(LayoutError, match=r"scorer.class_count is 1, expected 4"):
        read_model(changed(model_file(of_kind("lightgbm")), say("scorer.class_count", 1)))


@pytest.mark.parametrize("document", [b"", b"{", b"[]", b"1", b"\xff", b"[" * 100_000])
def test_a_document_that_is_none_is_named(document: bytes) -> None:
    with pytest.raises((ModelFileError, LayoutError)):
        read_model(packed(document, {}))


def test_what_could_not_be_read_is_not_written() -> None:
    good = of_kind("logistic_regression")
    assert isinstance(good.scorer, LinearModel)

    with pytest.raises(LayoutError, match=r"scorer.weights has the shape"):
        model_file(replace(good, scorer=replace(good.scorer, weights=zeros(FEATURE_COUNT, 9))))
    with pytest.raises(LayoutError, match=r"scorer.weights is of float64, not of float32"):
        model_file(replace(good, scorer=replace(good.scorer, weights=np.zeros((FEATURE_COUNT, 4)))))  # type: ignore[arg-type]
    forest = of_kind("random_forest").scorer
    assert isinstance(forest, Forest)
    with pytest.raises(ValueError, match="lead to leaves that are none of the 1"):
        replace(forest, shares=forest.shares[:1])
