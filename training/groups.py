"""Which hands belong together: of one person, or nearly the same picture."""

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


def groups_of(hands: Hands) -> NDArray[np.int_]:
    """A number for each row (n,); rows of one person, or nearly the same, share it."""
    return _connected(hands.points, people=hands.people)


def near_duplicates(points: Floats) -> NDArray[np.int_]:
    """A number for each hand (n, 21, 2); those that are nearly the same, mirrored or not, share it."""
    return _connected(points, people=np.full(len(points), ""))


def _connected(points: Floats, *, people: Strings) -> NDArray[np.int_]:
    near = radius_neighbors_graph(normalise(one_way_round(points)).reshape(len(points), -1), NEAR_DUPLICATE)
    rows = np.flatnonzero(people != "")
    _, first, person = np.unique(people[rows], return_index=True, return_inverse=True)
    same_person = coo_array((np.ones(len(rows)), (rows, rows[first][person])), shape=near.shape)
    return np.asarray(connected_components(near + same_person, directed=False)[1])
