"""Decision trees as flat arrays, walked down all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray

from recognition.bundle_layout import Axes, Size
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

    Raises ValueError for a depth that no tree of these nodes has.
    """

    feature: Annotated[NDArray[np.int16], Axes("nodes", index_of="features")]
    threshold: Annotated[Floats, Axes("nodes")]
    left: Annotated[NDArray[np.int32], Axes("nodes", index_of="nodes")]
    right: Annotated[NDArray[np.int32], Axes("nodes", index_of="nodes")]
    roots: Annotated[NDArray[np.int32], Axes("trees", index_of="nodes")]
    leaf: Annotated[NDArray[np.int32], Axes("nodes")]
    depth: int

    def __post_init__(self) -> None:
        # Each step of a walk goes through all trees: a made-up depth would never end.
        if not 0 <= self.depth <= len(self.feature):
            raise ValueError(f"trees of {len(self.feature)} nodes cannot be {self.depth} deep")

    def check_leaves(self, count: int) -> None:
        """Raises ValueError where a walk could end in a leaf that is none of so many."""
        # Nodes before the first leaf have the number -1.
        if len(self.leaf) and not -1 <= int(self.leaf.min()) <= int(self.leaf.max()) < count:
            raise ValueError(f"trees lead to leaves that are none of the {count} given")

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
    """A random forest. shares: (leaves, k), the share of each class in a leaf.

    Raises ValueError for trees that lead to other leaves.
    """

    kind: ClassVar = "forest"
    trees: Trees
    shares: Annotated[Floats32, Axes("leaves", "classes")]

    def __post_init__(self) -> None:
        self.trees.check_leaves(len(self.shares))

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
    """Gradient boosted trees: round after round, one tree for each class. values: (leaves,); class_count: k.

    Raises ValueError for trees that lead to other leaves, and for rounds that are not whole.
    """

    kind: ClassVar = "boosted_trees"
    trees: Trees
    values: Annotated[Floats32, Axes("leaves")]
    class_count: Annotated[int, Size("classes")]

    def __post_init__(self) -> None:
        self.trees.check_leaves(len(self.values))
        if len(self.trees.roots) % self.class_count:
            raise ValueError(f"{len(self.trees.roots)} trees are no whole rounds of {self.class_count} classes")

    def scores(self, features: Floats) -> Floats:
        """Logarithms of the odds (n, k), up to a constant in each row."""
        added = self.values[self.trees.leaves(features)].astype(np.float64)
        return np.asarray(added.reshape(len(features), -1, self.class_count).sum(axis=1))
