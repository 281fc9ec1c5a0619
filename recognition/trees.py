"""Decision trees as flat arrays, walked down all at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.classifier import Floats32
from recognition.features import Floats

# So many rows at once keep the arrays of their nodes small.
_CHUNK = 500
_LEAST_SHARE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """The nodes of all trees, one after the other. A hand walks down all trees at the same time, which takes numpy less
    time than a library takes to check its input.

    feature: (m,) number of the feature that a node looks at.
    threshold: (m,) go left where the feature is not greater.
    left, right: (m,) the next node; a leaf's is itself.
    roots: (t,) first node of each tree.
    leaf: (m,) number of the leaf; of other nodes it means nothing.
    depth: steps from a root to the deepest leaf.
    """

    feature: NDArray[np.int16]
    threshold: Floats
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    roots: NDArray[np.int32]
    leaf: NDArray[np.int32]
    depth: int

    def leaves(self, features: Floats) -> NDArray[np.int32]:
        """Number of the leaf of each tree (n, t) in which rows (n, f) end."""
        return np.concatenate(
            [self._walk(features[start : start + _CHUNK]) for start in range(0, max(1, len(features)), _CHUNK)]
        )

    def _walk(self, rows: Floats) -> NDArray[np.int32]:
        row = np.arange(len(rows))[:, None]
        node = np.broadcast_to(self.roots, (len(rows), len(self.roots)))
        for _ in range(self.depth):
            stays_left = rows[row, self.feature[node]] <= self.threshold[node]
            node = np.where(stays_left, self.left[node], self.right[node])
        return self.leaf[node]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A random forest. shares: (leaves, k), the share of each class in a leaf."""

    trees: Trees
    shares: Floats32

    def scores(self, features: Floats) -> Floats:
        """Logarithm of the mean share (n, k); of a class that no tree sees, that of one in a thousand."""
        # scikit-learn's trees look at single precision.
        leaves = self.trees.leaves(features.astype(np.float32).astype(np.float64))
        mean = np.zeros((len(features), self.shares.shape[1]))
        for tree in leaves.T:
            mean += self.shares[tree]
        return np.asarray(np.log(np.maximum(mean / leaves.shape[1], _LEAST_SHARE)))


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTrees:
    """Gradient boosted trees: round after round, one tree for each class. values: (leaves,); class_count: k."""

    trees: Trees
    values: Floats32
    class_count: int

    def scores(self, features: Floats) -> Floats:
        """Logarithms of the odds (n, k), up to a constant in each row."""
        added = self.values[self.trees.leaves(features)].astype(np.float64)
        return np.asarray(added.reshape(len(features), -1, self.class_count).sum(axis=1))
