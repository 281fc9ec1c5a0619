"""The hand's surface: triangles that follow the joints."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from producers.synthetic.skeleton import JOINT_COUNT, WRIST, Floats, Skeleton

Faces = NDArray[np.int64]

ASSET = files("producers.synthetic") / "assets" / "right_hand.npz"
FOREARM_M = 0.36
_FOREARM_RINGS = 8
# The stored mesh ends in a flat cap behind the wrist: its faces lie there and look backwards.
_CAP_Z_M = 0.012
_CAP_NORMAL_Z = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMesh:
    """A right hand with its forearm.

    vertices: (n, 3) metres in the hand's axes, see Skeleton. faces: (m, 3) vertex numbers, counter-clockwise seen from
    outside. weights: (n, 25), how much each joint moves a vertex; rows sum to 1.
    """

    vertices: Floats
    faces: Faces
    weights: Floats
    skeleton: Skeleton

    def posed(self, transforms: Floats) -> Floats:
        """The vertices where the joints take them (linear blend skinning), (n, 3) metres."""
        blended = (self.weights @ transforms[:, :3, :].reshape(JOINT_COUNT, 12)).reshape(-1, 3, 4)
        moved: Floats = np.einsum("nij,nj->ni", blended[:, :, :3], self.vertices) + blended[:, :, 3]
        return moved


def vertex_normals(vertices: Floats, faces: Faces) -> Floats:
    """Unit normals, (n, 3): the mean of the adjoining faces' normals, weighted by their area."""
    corner, second, third = (vertices[faces[:, k]] for k in range(3))
    face_normals = np.cross(second - corner, third - corner)
    owners = faces.ravel(order="F")
    summed = np.stack(
        [np.bincount(owners, np.tile(face_normals[:, axis], 3), minlength=len(vertices)) for axis in range(3)], axis=1
    )
    unit: Floats = summed / np.maximum(np.linalg.norm(summed, axis=1, keepdims=True), 1e-12)
    return unit


@cache
def load_hand() -> HandMesh:
    """The hand that comes with the package."""
    with ASSET.open("rb") as file, np.load(cast(BinaryIO, file)) as stored:
        inverse_bind = stored["ibm"].astype(np.float64)
        vertices, first, welded = np.unique(
            stored["V"].astype(np.float64).round(6), axis=0, return_index=True, return_inverse=True
        )
        faces = welded.ravel()[stored["F"].astype(np.int64)]
        joints, strengths = stored["J"][first], stored["W"][first].astype(np.float64)
    weights = np.zeros((len(vertices), JOINT_COUNT))
    np.add.at(weights, (np.arange(len(vertices))[:, None], joints), strengths)
    weights /= weights.sum(axis=1, keepdims=True)
    to_wrist = inverse_bind[WRIST]
    vertices = vertices @ to_wrist[:3, :3].T + to_wrist[:3, 3]
    faces = faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]
    vertices, faces, weights = _with_forearm(vertices, _without_cap(vertices, faces), weights)
    skeleton = Skeleton(bind=to_wrist @ np.linalg.inv(inverse_bind))
    return HandMesh(vertices=vertices, faces=faces, weights=weights, skeleton=skeleton)


def _without_cap(vertices: Floats, faces: Faces) -> Faces:
    corner, second, third = (vertices[faces[:, k]] for k in range(3))
    normals = np.cross(second - corner, third - corner)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12
    cap = (vertices[faces].mean(axis=1)[:, 2] > _CAP_Z_M) & (normals[:, 2] > _CAP_NORMAL_Z)
    kept: Faces = faces[~cap]
    return kept


def _with_forearm(vertices: Floats, faces: Faces, weights: Floats) -> tuple[Floats, Faces, Floats]:
    """Draw the open rim at the wrist out into a forearm: palm detectors look for one, and so do people."""
    rim = _rim(faces)
    ring, centre, count = vertices[rim], vertices[rim].mean(axis=0), len(rim)
    previous = rim
    for step in range(1, _FOREARM_RINGS + 1):
        share = step / _FOREARM_RINGS
        flat = min(1.0, 3 * share)  # the uneven rim becomes a plane ring on the first third
        widened = centre + (ring - centre) * np.array([1 + 0.45 * share, 1 + 0.7 * share, 1 - flat])
        widened[:, 2] += FOREARM_M * share
        current = len(vertices) + np.arange(count)
        vertices = np.vstack([vertices, widened])
        weights = np.vstack([weights, np.eye(JOINT_COUNT)[np.full(count, WRIST)]])
        after, current_after = np.roll(previous, -1), np.roll(current, -1)
        faces = np.vstack(
            [faces, np.stack([after, previous, current], axis=1), np.stack([after, current, current_after], axis=1)]
        )
        previous = current
    return vertices, faces, weights


def _rim(faces: Faces) -> Faces:
    """The vertices of the open edge, in order: edges that only one face has."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    directed = {(int(start), int(end)) for start, end in edges}
    following = {start: end for start, end in directed if (end, start) not in directed}
    start = min(following)
    rim = [start]
    while (vertex := following[rim[-1]]) != start:
        rim.append(vertex)
    return np.array(rim)
