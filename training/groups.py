"""Which hands belong together: of one person, of one group, or nearly the same picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.neighbors import radius_neighbors_graph

from recognition.features import Floats, normalise, one_way_round
from training.hands import Hands, Strings

# Normalised hands nearer than this are the same photograph, scaled or cut anew: 1 % of the hand's size in each point.
NEAR_DUPLICATE = 0.05


def groups_of(hands: Hands, *, whole_sources: bool = False) -> NDArray[np.int_]:
    """A number for each row (n,); rows of one person, of one group, or nearly the same, share it.

    whole_sources: all grouped hands of one source belong together as well, so that a model is judged on pictures of
    collections that it has not seen. Hands without a group are not concerned.
    """
    together = [hands.people, hands.groups]
    if whole_sources:
        together.append(np.where(hands.groups == "", "", hands.sources))
    return _connected(hands.points, together)


def near_duplicates(points: Floats) -> NDArray[np.int_]:
    """A number for each hand (n, 21, 2); those that are nearly the same, mirrored or not, share it."""
    return _connected(points, [])


def _connected(points: Floats, together: list[Strings]) -> NDArray[np.int_]:
    """Connected components: hands are linked that are nearly the same or have the same name in one of `together`."""
    graph = radius_neighbors_graph(normalise(one_way_round(points)).reshape(len(points), -1), NEAR_DUPLICATE)
    for names in together:
        rows = np.flatnonzero(names != "")
        _, first, name = np.unique(names[rows], return_index=True, return_inverse=True)
        graph = graph + coo_array((np.ones(len(rows)), (rows, rows[first][name])), shape=graph.shape)
    return np.asarray(connected_components(graph, directed=False)[1])
