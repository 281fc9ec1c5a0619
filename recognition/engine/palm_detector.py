"""Finding palms in a whole image."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from imaging.decoding import Pixels
from recognition.engine.network import Floats32, Network
from recognition.features import Floats

MODEL = "hand_detector.tflite"
# Detections that overlap by more are one palm (MediaPipe's hand detector graph).
_SAME_PALM_IOU = 0.3
# Cells of the four feature maps of the SSD head, in pixels of the input, two anchors a cell each (same source).
_STRIDES_PX = (8, 16, 16, 16)
_ANCHORS_PER_CELL = 2
_KEYPOINTS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Palm:
    """score: 0..1. box_px: (4,) left, top, right, bottom. keypoints_px: (7, 2): wrist, knuckles from index to little
    finger, and the thumb's two lower joints. Pixels of the image."""

    score: float
    box_px: Floats
    keypoints_px: Floats

    @property
    def centre_px(self) -> Floats:
        return np.asarray((self.box_px[:2] + self.box_px[2:]) / 2)


class PalmDetector:
    """An SSD on the image, letterboxed into the network's input.

    Source: Zhang et al., "MediaPipe Hands: On-device real-time hand tracking", 2020; decoding as MediaPipe's
    hand detector graph does it.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._anchors = _anchors(network.side_px)

    def find(self, pixels: Pixels, *, confidence: float) -> list[Palm]:
        """Palms in an RGB image (height, width, 3) uint8, surest first. confidence: least score, 0..1."""
        left, top, width, height = self._letterbox(pixels)
        rows, logits = self._network.run()
        logit = logits[0, :, 0]
        kept = np.flatnonzero(logit > _logit(confidence))
        if not kept.size:
            return []
        scores = 1 / (1 + np.exp(-logit[kept].astype(np.float64)))
        boxes, keypoints = self._decoded(rows[0], kept)
        scale = np.array([pixels.shape[1] / width, pixels.shape[0] / height])
        start = np.array([left, top])
        return [
            Palm(
                score=score,
                box_px=((box.reshape(2, 2) - start) * scale).reshape(4),
                keypoints_px=(points - start) * scale,
            )
            for box, points, score in _merged(boxes, keypoints, scores)
        ]

    def _letterbox(self, pixels: Pixels) -> tuple[float, float, float, float]:
        """Put the image into the input, black around it; where it lies there: left, top, width, height."""
        side = self._network.side_px
        height, width = pixels.shape[:2]
        scale = side / max(height, width)
        left, top = (side - width * scale) / 2, (side - height * scale) / 2
        # MediaPipe maps corner to corner, half a pixel off what cv2.resize does; the agreement with it shows that.
        to_image = np.array([[1 / scale, 0.0, -left / scale], [0.0, 1 / scale, -top / scale]])
        cv2.warpAffine(
            pixels,
            to_image,
            (side, side),
            dst=self._network.input,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
        )
        return left, top, width * scale, height * scale

    def _decoded(self, rows: Floats32, kept: np.ndarray) -> tuple[Floats, Floats]:
        """Boxes (n, 4) and keypoints (n, 7, 2) in pixels of the input."""
        raw, anchors = rows[kept].astype(np.float64), self._anchors[kept]
        centre, size = raw[:, :2] + anchors, raw[:, 2:4]
        boxes = np.concatenate([centre - size / 2, centre + size / 2], axis=1)
        return boxes, raw[:, 4:].reshape(-1, _KEYPOINTS, 2) + anchors[:, None]


def _merged(boxes: Floats, keypoints: Floats, scores: Floats) -> list[tuple[Floats, Floats, float]]:
    """Overlapping detections, averaged by their scores; surest first."""
    order = np.argsort(-scores, kind="stable")
    palms = []
    while order.size:
        best = order[0]
        same = _iou(boxes[best], boxes[order]) > _SAME_PALM_IOU
        same[0] = True
        group = order[same]
        weights = scores[group] / scores[group].sum()
        palms.append((weights @ boxes[group], np.tensordot(weights, keypoints[group], axes=1), float(scores[best])))
        order = order[~same]
    return palms


def _iou(box: Floats, others: Floats) -> Floats:
    """Intersection over union of a box (4,) with others (n, 4)."""
    low, high = np.maximum(box[:2], others[:, :2]), np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / (np.prod(box[2:] - box[:2]) + areas - shared + 1e-9))


def _anchors(side_px: int) -> Floats:
    """Centres (n, 2) of the anchors in pixels of the input, in the order of the network's rows."""
    maps = []
    for stride in dict.fromkeys(_STRIDES_PX):
        cells = side_px // stride
        y, x = np.mgrid[0:cells, 0:cells] + 0.5
        per_cell = _ANCHORS_PER_CELL * _STRIDES_PX.count(stride)
        maps.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2) * stride, per_cell, axis=0))
    return np.concatenate(maps)


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))
