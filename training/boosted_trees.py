"""Gradient boosted trees, by LightGBM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import lightgbm
import numpy as np

from recognition.features import Floats
from recognition.trees import BoostedTrees, Trees
from training.candidate import Fitted
from training.hands import Strings


@dataclass(frozen=True, slots=True, kw_only=True)
class LightGbmCandidate:
    """rounds: of boosting, each adds a tree for each class. leaves: of a tree, at most. rate: of learning."""

    kind: ClassVar = "lightgbm"
    rounds: int = 60
    leaves: int = 15
    rate: float = 0.2

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        classes, targets = np.unique(names, return_inverse=True)
        parameters = {
            "objective": "multiclass",
            "num_class": len(classes),
            "num_leaves": self.leaves,
            "learning_rate": self.rate,
            # Of 75 features each tree sees some, of their values 63 steps: half of the time, and no worse.
            "feature_fraction": 0.4,
            "max_bin": 63,
            "min_data_in_leaf": 10,
            "lambda_l2": 1.0,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        booster = lightgbm.train(parameters, lightgbm.Dataset(rows, targets), num_boost_round=self.rounds)
        return Fitted(classes=tuple(map(str, classes)), scorer=flattened(booster, class_count=len(classes)))


def flattened(booster: lightgbm.Booster, *, class_count: int) -> BoostedTrees:
    """The same trees as arrays, so that a bundle needs no LightGBM."""
    nodes = _Nodes()
    roots, depths = [], []
    for tree in booster.dump_model()["tree_info"]:
        root, depth = nodes.add(tree["tree_structure"])
        roots.append(root)
        depths.append(depth)
    return BoostedTrees(
        trees=Trees(
            feature=np.array(nodes.feature, np.int16),
            threshold=np.array(nodes.threshold, np.float64),
            left=np.array(nodes.left, np.int32),
            right=np.array(nodes.right, np.int32),
            roots=np.array(roots, np.int32),
            leaf=np.array(nodes.leaf, np.int32),
            depth=max(depths),
        ),
        values=np.array(nodes.values, np.float32),
        class_count=class_count,
    )


@dataclass(slots=True)
class _Nodes:
    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    leaf: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, node: Mapping[str, Any]) -> tuple[int, int]:
        """Number of the node, and steps to its deepest leaf."""
        number = len(self.feature)
        is_leaf = "leaf_value" in node
        self.feature.append(0 if is_leaf else node["split_feature"])
        self.threshold.append(0.0 if is_leaf else node["threshold"])
        self.left.append(number)
        self.right.append(number)
        self.leaf.append(len(self.values))
        if is_leaf:
            self.values.append(node["leaf_value"])
            return number, 0
        self.left[number], left_depth = self.add(node["left_child"])
        self.right[number], right_depth = self.add(node["right_child"])
        return number, 1 + max(left_depth, right_depth)
