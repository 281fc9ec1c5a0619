"""A posed hand before a background, as a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from producers.synthetic.mesh import load_hand, vertex_normals
from producers.synthetic.pose import Pose
from producers.synthetic.rasteriser import Fragments, Singles, rasterise
from producers.synthetic.scene import Picture, Scene, Tone, background
from producers.synthetic.skeleton import Floats
from producers.synthetic.skin import paint_skin

FIELD_OF_VIEW_DEGREES = 35.0
HAND_LENGTH_M = 0.185
_BLUR_PIXELS = 0.7
_NOISE_LEVELS = 2.0
_NOISE_PICTURE_PIXELS = 64  # how far the noise may be shifted, so that it differs from frame to frame
_SHADING_MARGIN_PIXELS = 6
_GLOSS = np.float32(0.13)
# Reach and strength of the two widths of ambient occlusion, in metres and per metre.
_OCCLUSION = ((0.006, 22.0), (0.016, 14.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the hand is.

    x, y: its middle in 0..1 of the picture's width and height. size: its length when open, in 0..1 of the height.
    """

    x: float
    y: float
    size: float


class Renderer:
    """Draws pictures of one size. Holds caches: use it from one thread."""

    def __init__(self, *, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._hand, self._skin = load_hand(), paint_skin()
        self._focal_pixels = 0.5 * height / np.tan(np.deg2rad(FIELD_OF_VIEW_DEGREES / 2))
        extent = (height + _NOISE_PICTURE_PIXELS, width + _NOISE_PICTURE_PIXELS, 3)
        self._noise = np.random.default_rng(0).normal(0, _NOISE_LEVELS, extent).round().astype(np.int16)
        self._tone: Tone | None = None
        self._colours = np.empty((0, 3), np.float32)

    def render(self, *, pose: Pose, placement: Placement, scene: Scene, random: np.random.Generator) -> Picture:
        """Returns (height, width, 3), blue, green, red."""
        picture = background(scene.background, self._width, self._height).copy()
        vertices, points = self._project(pose, placement, scene)
        low = np.maximum(np.floor(points.min(axis=0)).astype(int) - _SHADING_MARGIN_PIXELS, 0)
        high = np.ceil(points.max(axis=0)).astype(int) + _SHADING_MARGIN_PIXELS
        right, bottom = np.minimum(high, (self._width, self._height))
        if right > low[0] and bottom > low[1]:
            region = picture[low[1] : bottom, low[0] : right]
            self._draw(region, vertices, points - low, placement, scene)
        y, x = random.integers(_NOISE_PICTURE_PIXELS, size=2)
        noisy: Picture = cv2.add(picture, self._noise[y : y + self._height, x : x + self._width], dtype=cv2.CV_8U)
        return noisy

    def _project(self, pose: Pose, placement: Placement, scene: Scene) -> tuple[Floats, Floats]:
        """Vertices in the camera's axes, (n, 3) metres, and their places in the picture, (n, 2) pixels."""
        transforms = self._hand.skeleton.transforms(pose.angles)
        to_camera = (pose.rotation * scene.build).T
        vertices = self._hand.posed(transforms) @ to_camera
        joints = self._hand.skeleton.positions(transforms) @ to_camera
        distance = self._focal_pixels * HAND_LENGTH_M / (placement.size * self._height)
        vertices += np.array([0.0, 0.0, distance]) - (joints.min(axis=0) + joints.max(axis=0)) / 2
        if scene.left:
            vertices *= (-1.0, 1.0, 1.0)
        middle = (placement.x * self._width, placement.y * self._height)
        return vertices, vertices[:, :2] / np.maximum(vertices[:, 2:], 1e-3) * self._focal_pixels + middle

    def _draw(self, region: Picture, vertices: Floats, points: Floats, placement: Placement, scene: Scene) -> None:
        height, width = region.shape[:2]
        # A mirrored hand is turned inside out: turning every face round mends that.
        faces = self._hand.faces[:, [0, 2, 1]] if scene.left else self._hand.faces
        seen = rasterise(
            points=points.astype(np.float32),
            depths=vertices[:, 2].astype(np.float32),
            faces=faces,
            width=width,
            height=height,
        )
        attributes = np.hstack([vertex_normals(vertices, faces), self._skin.coordinates]).astype(np.float32)
        corners = faces.take(seen.faces, axis=0)
        mixed = np.zeros((len(corners), attributes.shape[1]), np.float32)
        for corner, share in enumerate(seen.shares):
            mixed += attributes.take(corners[:, corner], axis=0) * share[:, None]
        pixels_per_metre = placement.size * self._height / HAND_LENGTH_M
        colours = self._albedo(mixed[:, 3:], seen, scene) * self._shade(mixed[:, :3], seen, scene, pixels_per_metre)
        drawn = region.copy()
        drawn.reshape(-1, 3)[seen.pixels] = np.clip(colours, 0, 255).astype(np.uint8)
        region[:] = cv2.GaussianBlur(drawn, (0, 0), _BLUR_PIXELS)

    def _albedo(self, coordinates: Singles, seen: Fragments, scene: Scene) -> Singles:
        if scene.tone != self._tone:
            self._tone, self._colours = scene.tone, self._skin.coloured(scene.tone)
        _, rows, columns = self._skin.palm.shape
        place = coordinates.astype(np.int32)
        texel = (self._skin.faces_palm[seen.faces] * rows + place[:, 1]) * columns + place[:, 0]
        colours: Singles = self._colours.take(texel, axis=0)
        return colours

    def _shade(self, normals: Singles, seen: Fragments, scene: Scene, pixels_per_metre: float) -> Singles:
        """Factors for the skin's colour, (k, 3)."""
        normals = normals / (np.sqrt(np.einsum("ij,ij->i", normals, normals))[:, None] + 1e-9)
        lamp = np.array(scene.light.direction, np.float32)
        half = lamp + np.array([0, 0, -1], np.float32)
        half /= np.linalg.norm(half)
        # Light that enters skin leaves it a little further on, so the shadow's edge is soft and reddish.
        facing = normals @ lamp
        diffuse = np.clip((facing + 0.35) / 1.35, 0, 1)
        gloss = np.maximum(normals @ half, 0)
        for _ in range(4):  # to the 16th power, far quicker than by pow()
            gloss *= gloss
        gloss *= _GLOSS
        shade = scene.light.ambient + (1.05 - scene.light.ambient) * diffuse
        shade *= 0.72 - 0.28 * np.minimum(normals[:, 2], 0)
        shade *= 1 - self._occlusion(seen, pixels_per_metre)
        lit: Singles = shade[:, None] * np.array(scene.light.colour, np.float32) + gloss[:, None]
        lit[:, 2] += 0.06 * (1 - np.abs(facing)) * diffuse
        return lit

    def _occlusion(self, seen: Fragments, pixels_per_metre: float) -> Singles:
        """How much of the light the hand itself keeps off, (k,): where the surroundings are nearer to the camera."""
        near = seen.inverse_depth
        depth = np.where(near > 0, 1 / np.maximum(near, 1e-6), 0).astype(np.float32)
        depth[near == 0] = depth.max() + 0.05
        kept_off = np.zeros(len(seen.pixels), np.float32)
        own = depth.ravel()[seen.pixels]
        for reach, strength in _OCCLUSION:
            extent = max(3, int(reach * 2 * pixels_per_metre) | 1)
            around = cv2.blur(depth, (extent, extent)).ravel()[seen.pixels]
            kept_off += np.clip((own - around) * np.float32(strength), 0, 0.35)
        return kept_off
