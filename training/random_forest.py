"""A random forest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from recognition.features import Floats
from recognition.trees import Forest, Trees
from training.candidate import Fitted
from training.hands import Strings


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomForestCandidate:
    """trees: how many. least_leaf: the fewest rows in a leaf. share: of the rows, drawn for each tree."""

    kind: ClassVar = "random_forest"
    trees: int = 80
    least_leaf: int = 2
    share: float = 0.4

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        forest = RandomForestClassifier(
            n_estimators=self.trees,
            min_samples_leaf=self.least_leaf,
            max_samples=self.share,
            random_state=seed,
            n_jobs=1,
        ).fit(rows, names)
        return Fitted(classes=tuple(map(str, forest.classes_)), scorer=flattened(forest))


def flattened(forest: RandomForestClassifier) -> Forest:
    """The same trees as arrays; scikit-learn takes 50 times as long for a single row."""
    trees = [one.tree_ for one in forest.estimators_]
    offsets = np.cumsum([0, *(tree.node_count for tree in trees)])
    feature = np.concatenate([tree.feature for tree in trees])
    leaf = feature < 0
    itself = np.arange(len(feature))
    left = np.concatenate([tree.children_left + offset for tree, offset in zip(trees, offsets, strict=False)])
    right = np.concatenate([tree.children_right + offset for tree, offset in zip(trees, offsets, strict=False)])
    values = np.concatenate([tree.value[:, 0, :] for tree in trees])[leaf]
    number = np.cumsum(leaf) - 1
    return Forest(
        trees=Trees(
            feature=np.where(leaf, 0, feature).astype(np.int16),
            threshold=np.concatenate([tree.threshold for tree in trees]),
            left=np.where(leaf, itself, left).astype(np.int32),
            right=np.where(leaf, itself, right).astype(np.int32),
            roots=offsets[:-1].astype(np.int32),
            leaf=number.astype(np.int32),
            depth=max(int(tree.max_depth) for tree in trees),
        ),
        shares=(values / values.sum(axis=1, keepdims=True)).astype(np.float32),
    )
