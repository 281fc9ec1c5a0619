"""The skin's colours, laid out once on two flat maps of the hand.

The bound hand lies flat, so one map seen from above (the back of the hand) and one from below (the palm) show all of
it; a vertex is found on them by its place in the bound pose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from producers.synthetic.mesh import HandMesh, load_hand, vertex_normals
from producers.synthetic.paint import paint
from producers.synthetic.rasteriser import Singles, rasterise
from producers.synthetic.skeleton import CHAINS, Floats, knuckles

TEXEL_M = 0.0006
_REACH_M = 0.06  # how far the maps go on behind the wrist
_MARGIN_M = 0.004


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """What the paint does to a tone, as maps of (2, rows, columns) in 0..1; the first map is the back of the hand.

    flush, shade, palm, nail: see Paint.
    coordinates: (n, 2), column and row of each vertex. faces_palm: (m,) 1 where a face is on the second map, else 0.
    """

    flush: Singles
    shade: Singles
    palm: Singles
    nail: Singles
    coordinates: Singles
    faces_palm: NDArray[np.int32]

    def coloured(self, tone: tuple[float, float, float]) -> Singles:
        """The maps in a tone. tone: blue, green, red in 0..1. Returns (2 * rows * columns, 3) in 0..255."""
        base = np.array(tone)
        palm = np.clip(base * (1.04, 1.03, 1.08) + 0.16 * (1 - base.mean()) * np.array([0.74, 0.82, 1.0]), 0, 1)
        nail = np.clip(base * 0.75 + (0.19, 0.19, 0.27), 0, 1)
        colour = base + self.palm[..., None] * (palm - base)
        colour = colour * (1 - self.flush[..., None] * (0.15, 0.17, 0.02))
        colour += self.nail[..., None] * (nail - colour)
        colour = colour * (1 - self.shade[..., None] * (1.0, 0.95, 0.8))
        levels: Singles = (np.clip(colour, 0, 1) * 255).reshape(-1, 3).astype(np.float32)
        return levels


@cache
def paint_skin() -> Skin:
    """Paint the hand that comes with the package."""
    hand = load_hand()
    normals = vertex_normals(hand.vertices, hand.faces)
    flat = hand.vertices[:, [0, 2]]
    low = flat.min(axis=0) - _MARGIN_M
    columns, rows = np.ceil((np.array([flat[:, 0].max() + _MARGIN_M, _REACH_M]) - low) / TEXEL_M).astype(int)
    coordinates = (flat - low) / TEXEL_M
    painted = [
        _paint_side(hand, normals, coordinates, side=side, width=int(columns), height=int(rows)) for side in (1.0, -1.0)
    ]
    flush, shade, palm, nail = np.stack(painted, axis=1)
    facing = normals[hand.faces].mean(axis=1)[:, 1]
    limits = np.array([columns - 1, rows - 1])
    return Skin(
        flush=flush,
        shade=shade,
        palm=palm,
        nail=nail,
        coordinates=np.clip(coordinates, 0, limits).astype(np.float32),
        faces_palm=(facing < 0).astype(np.int32),
    )


def _paint_side(
    hand: HandMesh, normals: Floats, coordinates: Floats, *, side: float, width: int, height: int
) -> Singles:
    """Paint what is seen from above (side 1) or from below (-1): (4, height, width)."""
    # Seen from above with rows growing towards the wrist, the faces wind as they do before a camera, from below not.
    faces = hand.faces if side > 0 else hand.faces[:, [0, 2, 1]]
    seen = rasterise(
        points=coordinates.astype(np.float32),
        depths=(1.0 - side * hand.vertices[:, 1]).astype(np.float32),
        faces=faces,
        width=width,
        height=height,
    )
    corners = faces[seen.faces]
    own = np.stack([hand.weights[:, list(knuckles(finger))].sum(axis=1) for finger in range(len(CHAINS))], axis=1)

    def across(values: Floats) -> Singles:
        mixed = np.zeros((len(corners), values.shape[1]), np.float32)
        for corner, share in enumerate(seen.shares):
            mixed += values.astype(np.float32)[corners[:, corner]] * share[:, None]
        return mixed

    painted = paint(
        hand.skeleton, points=across(hand.vertices), normals=across(normals), own=across(own), back=side > 0
    )
    maps = np.zeros((4, height * width), np.float32)
    maps[:, seen.pixels] = (painted.flush, painted.shade, painted.palm, painted.nail)
    empty = np.ones(height * width, np.uint8)
    empty[seen.pixels] = 0
    # Steep flanks fall between the texels that were seen: they take the colour of the nearest that was.
    _, nearest = cv2.distanceTransformWithLabels(
        empty.reshape(height, width), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL
    )
    lookup = np.zeros(int(nearest.max()) + 1, np.int64)
    lookup[nearest.ravel()[seen.pixels]] = seen.pixels
    filled: Singles = maps[:, lookup[nearest.ravel()]].reshape(4, height, width)
    return filled
