"""Triangles to pixels, in numpy: all triangles at once, with a depth buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from producers.synthetic.mesh import Faces

Singles = NDArray[np.float32]
Indices = NDArray[np.int32]

_EDGE_TOLERANCE = np.float32(1e-5)
_NEAR_PLANE_M = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Fragments:
    """What is seen: one entry a covered pixel.

    pixels: (k,) numbers in the flattened picture. faces: (k,) the face seen there. shares: three times (k,), the
    barycentric coordinates of the pixel in its face, not corrected for perspective (the triangles are small).
    inverse_depth: (height, width), 1 / m, 0 where nothing is.
    """

    pixels: Indices
    faces: Indices
    shares: tuple[Singles, Singles, Singles]
    inverse_depth: Singles


def rasterise(*, points: Singles, depths: Singles, faces: Faces, width: int, height: int) -> Fragments:
    """Find the nearest face at each pixel.

    points: (n, 2) pixels, y down. depths: (n,) metres from the camera. faces: (m, 3), counter-clockwise seen from
    outside (in a space whose y points up): those that look away from the camera are left out.
    """
    points, inverse = points.astype(np.float32), (1.0 / np.maximum(depths, 1e-6)).astype(np.float32)
    a, b, c = (points[faces[:, k]] for k in (0, 2, 1))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    low = np.maximum(np.ceil(np.minimum(np.minimum(a, b), c)), 0).astype(np.int32)
    high = np.minimum(np.floor(np.maximum(np.maximum(a, b), c)), (width - 1, height - 1)).astype(np.int32)
    before_camera = depths[faces].min(axis=1) > _NEAR_PLANE_M
    kept = np.flatnonzero((area > 1e-6) & (high >= low).all(axis=1) & before_camera).astype(np.int32)
    a, b, c, low, inverse_area = a[kept], b[kept], c[kept], low[kept], np.reciprocal(area[kept])
    spans = high[kept] - low + 1
    counts = spans[:, 0] * spans[:, 1]

    # Every pixel of every triangle's bounding box, as one long list: `owner` is the triangle, dx and dy its place.
    owner = np.repeat(np.arange(len(kept), dtype=np.int32), counts)
    place = np.arange(len(owner), dtype=np.int32) - np.repeat((np.cumsum(counts) - counts).astype(np.int32), counts)
    box_width = np.repeat(spans[:, 0], counts)
    dy = place // box_width
    dx = place - dy * box_width

    # The first and second barycentric coordinates are linear in dx and dy.
    origin = low.astype(np.float32)
    a, b, c = a - origin, b - origin, c - origin
    x, y = dx.astype(np.float32), dy.astype(np.float32)
    first, second = (
        np.repeat(constant, counts) + np.repeat(along_x, counts) * x + np.repeat(along_y, counts) * y
        for constant, along_x, along_y in (_plane(b, c, inverse_area), _plane(c, a, inverse_area))
    )
    inside = np.flatnonzero(
        (first >= -_EDGE_TOLERANCE) & (second >= -_EDGE_TOLERANCE) & (first + second <= 1 + _EDGE_TOLERANCE)
    )
    first, second, owner = first[inside], second[inside], owner[inside]
    third = 1 - first - second
    seen = kept[owner]
    pixels = (low[owner, 1] + dy[inside]) * np.int32(width) + low[owner, 0] + dx[inside]
    corners = faces.take(seen, axis=0)
    nearness = first * inverse[corners[:, 0]] + second * inverse[corners[:, 2]] + third * inverse[corners[:, 1]]
    nearest = np.zeros(height * width, np.float32)
    np.maximum.at(nearest, pixels, nearness)
    front = np.flatnonzero(nearness >= nearest[pixels])
    return Fragments(
        pixels=pixels[front],
        faces=seen[front],
        shares=(first[front], third[front], second[front]),
        inverse_depth=nearest.reshape(height, width),
    )


def _plane(start: Singles, end: Singles, inverse_area: Singles) -> tuple[Singles, Singles, Singles]:
    """The barycentric coordinate that is 0 on the edge from start to end and 1 at the opposite corner: its value at the
    origin, its steps along x and along y."""
    return (
        (start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]) * inverse_area,
        (start[:, 1] - end[:, 1]) * inverse_area,
        (end[:, 0] - start[:, 0]) * inverse_area,
    )
