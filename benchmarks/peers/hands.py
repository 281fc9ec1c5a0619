"""Image bytes to hand landmarks with MediaPipe, as its documentation does it."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import HandLandmarker, HandLandmarkerOptions, RunningMode

from benchmarks.peers.options import Options


class HandFinder:
    """One landmarker a camera where hands are tracked, else one for all images."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._landmarkers: dict[str, Any] = {}
        self._last_ms: dict[str, int] = {}

    def find(self, camera: str, image: bytes, captured_ms: int) -> dict[str, Any]:
        """What goes out as JSON. captured_ms: milliseconds since the epoch."""
        began = perf_counter()
        pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
        picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB))
        if self._options.tracking:
            # MediaPipe requires timestamps that rise.
            at_ms = self._last_ms[camera] = max(captured_ms, self._last_ms.get(camera, -1) + 1)
            result = self._landmarker(camera).detect_for_video(picture, at_ms)
        else:
            result = self._landmarker("").detect(picture)
        return {
            "camera": camera,
            "captured_ms": captured_ms,
            "inference_ms": round((perf_counter() - began) * 1000, 3),
            "hands": [
                {
                    "handedness": handedness[0].category_name,
                    "score": handedness[0].score,
                    "landmarks": [[point.x, point.y, point.z] for point in landmarks],
                }
                for handedness, landmarks in zip(result.handedness, result.hand_landmarks, strict=True)
            ],
        }

    def _landmarker(self, camera: str) -> Any:
        if camera not in self._landmarkers:
            self._landmarkers[camera] = HandLandmarker.create_from_options(
                HandLandmarkerOptions(
                    base_options=BaseOptions(model_asset_path=self._options.model),
                    running_mode=RunningMode.VIDEO if self._options.tracking else RunningMode.IMAGE,
                    num_hands=self._options.num_hands,
                )
            )
        return self._landmarkers[camera]
