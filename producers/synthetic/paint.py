"""Creases, knuckles, tendons and nails: how the skin of the bound hand differs from place to place."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from producers.synthetic.rasteriser import Singles
from producers.synthetic.skeleton import CHAINS, THUMB, Floats, Skeleton, knuckles

# Creases of the palm in the hand's x and z, metres: the lines that palm readers call life, head and heart.
_PALM_LINES = (
    ((-0.030, -0.068), (-0.012, -0.060), (-0.006, -0.040), (-0.012, -0.018)),
    ((-0.031, -0.070), (-0.008, -0.062), (0.016, -0.050), (0.028, -0.042)),
    ((0.036, -0.064), (0.020, -0.070), (0.004, -0.076), (-0.008, -0.086)),
)
_BALL_OF_THUMB = (-0.022, -0.035)
_NEAR_M = 0.03  # nothing that is painted about a joint reaches further


@dataclass(slots=True, kw_only=True)
class Paint:
    """What is painted on k points, each (k,) in 0..1. flush: redder. shade: darker, or lighter where below 0.
    palm: the lighter skin of the palm. nail: a nail."""

    flush: Singles
    shade: Singles
    palm: Singles
    nail: Singles


def paint(skeleton: Skeleton, *, points: Singles, normals: Singles, own: Singles, back: bool) -> Paint:
    """Paint one side of the hand.

    points, normals: (k, 3) on the bound hand, in its axes, metres. own: (k, 5), how far a point is each finger's.
    back: the back of the hand, else the palm.
    """
    flush, shade, nail = np.zeros((3, len(points)), np.float32)
    result = Paint(flush=flush, shade=shade, nail=nail, palm=np.clip(-normals[:, 1] * 1.5, 0, 1))
    for finger, (first, count) in enumerate(CHAINS):
        for joint in knuckles(finger)[1:]:
            _bend(result, skeleton.bind[joint], points, own[:, finger], back=back)
        _fingertip(result, skeleton.bind[first + count - 2], points, normals, own[:, finger])
        if finger != THUMB:
            knuckle = skeleton.bind[knuckles(finger)[0]]
            _knuckle(result, knuckle, points, back=back)
            if back:
                _tendon(result, knuckle[:3, 3], points)
    if not back:
        for line in _PALM_LINES:
            shade += 0.26 * _bell(_distance(points[:, [0, 2]], np.array(line)), 0.0013)
        flush += 0.35 * _bell(np.hypot(points[:, 0] - _BALL_OF_THUMB[0], points[:, 2] - _BALL_OF_THUMB[1]), 0.022)
    np.clip(flush, 0, 1, out=flush)
    np.clip(shade, -0.12, 0.6, out=shade)
    return result


def _bend(result: Paint, joint: Floats, points: Singles, own: Singles, *, back: bool) -> None:
    """A finger's joint: wrinkles on its back, one crease inside."""
    some = np.flatnonzero((own > 0.01) & (np.abs(points - joint[:3, 3]).max(axis=1) < _NEAR_M))
    local = _in_joint(joint, points[some])
    along = local[:, 2]
    near = _bell(np.hypot(local[:, 0], local[:, 1]), 0.016) * own[some]
    result.flush[some] += 0.7 * _bell(along, 0.006) * near
    if back:
        wrinkles = 0.5 + 0.5 * np.cos(2 * np.pi * along / 0.0026)
        result.shade[some] += near * (0.16 * wrinkles * _bell(along, 0.005) + _dome(along))
    else:
        result.shade[some] += 0.34 * near * _bell(along, 0.0013)


def _knuckle(result: Paint, joint: Floats, points: Singles, *, back: bool) -> None:
    some = np.flatnonzero(np.abs(points - joint[:3, 3]).max(axis=1) < _NEAR_M)
    local = _in_joint(joint, points[some])
    near = _bell(local[:, 0], 0.008)
    result.flush[some] += 0.7 * _bell(local[:, 2], 0.006) * near
    if back:
        result.shade[some] += near * _dome(local[:, 2])


def _dome(along: Singles) -> Singles:
    """A knuckle is light on top, darker in the dips behind and in front of it."""
    dome: Singles = 0.16 * (_bell(along - 0.013, 0.006) + _bell(along + 0.012, 0.006) - _bell(along, 0.005))
    return dome


def _fingertip(result: Paint, joint: Floats, points: Singles, normals: Singles, own: Singles) -> None:
    some = np.flatnonzero(own > 0.01)
    local, facing = _in_joint(joint, points[some]), normals[some] @ joint[:3, 1].astype(np.float32)
    bed = np.maximum(np.abs(local[:, 0]) / 0.0058, np.abs(local[:, 2] + 0.0135) / 0.0075)
    outer = own[some] > 0.5
    result.nail[some] = np.maximum(result.nail[some], np.clip((1.12 - bed) * 8, 0, 1) * (facing > 0.35) * outer)
    result.shade[some] += 0.22 * _bell(bed - 1.1, 0.12) * (facing > 0.3) * outer
    result.flush[some] += 0.5 * np.clip((-local[:, 2] - 0.008) / 0.012, 0, 1) * own[some]


def _tendon(result: Paint, knuckle: Floats, points: Singles) -> None:
    """A lighter ridge from the knuckle towards the wrist with a darker groove on both sides, fading out on the way."""
    root = np.array([knuckle[0] * 0.35, 0.0, -0.012])
    across = _distance(points[:, [0, 2]], np.stack([knuckle, root])[:, [0, 2]])
    share = (points[:, 2] - knuckle[2]) / (root[2] - knuckle[2])
    fade = np.clip(share * 6, 0, 1) * np.clip((1.0 - share) * 1.6, 0, 1)
    result.shade += fade * (0.09 * _bell(across - 0.0062, 0.0035) - 0.08 * _bell(across, 0.0026))


def _in_joint(joint: Floats, points: Singles) -> Singles:
    """Points in a joint's own axes."""
    local: Singles = ((points - joint[:3, 3]) @ joint[:3, :3]).astype(np.float32)
    return local


def _bell(value: Singles, width: float) -> Singles:
    bell: Singles = np.exp(-((value / np.float32(width)) ** 2))
    return bell


def _distance(points: Singles, line: Floats) -> Singles:
    """How far (k, 2) points are from a line of straight pieces, (p, 2)."""
    nearest = np.full(len(points), np.inf, np.float32)
    for start, piece in ((start, end - start) for start, end in pairwise(line.astype(np.float32))):
        share = np.clip((points - start) @ piece / (piece @ piece), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(points - start - share[:, None] * piece, axis=1))
    return nearest
