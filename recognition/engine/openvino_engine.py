"""Our own engine: the two networks of the hand landmark model, run by OpenVINO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from imaging.decoding import Pixels
from recognition.engine import landmark_model, palm_detector
from recognition.engine.hand_reader import HandReader, is_same_hand
from recognition.engine.landmark_model import HandReading, LandmarkModel
from recognition.engine.network import NetworkCompiler
from recognition.engine.options import EngineKind, EngineOptions
from recognition.engine.palm_detector import PalmDetector
from recognition.engine.protocol import Judge
from recognition.engine.tracking import RegionTracker
from recognition.found_hand import FoundHand

# A tracker is a few regions; the bound only keeps made-up cameras from adding up.
MAX_TRACKERS = 4096


class OpenVinoEngine:
    """Shares its two compiled networks among all threads and trackers."""

    name = EngineKind.OPENVINO.value
    max_trackers = MAX_TRACKERS

    def __init__(self, reader: HandReader) -> None:
        self._reader = reader

    @classmethod
    def load(cls, task: Path, options: EngineOptions, *, cache_dir: Path | None = None) -> Self:
        """From the `.task` file of the hand landmark model. cache_dir: where compiled networks are kept."""
        compiler = NetworkCompiler(task, precision=options.precision, cache_dir=cache_dir)
        return cls(
            HandReader(
                detector=PalmDetector(compiler.compile(palm_detector.MODEL)),
                landmarks=LandmarkModel(compiler.compile(landmark_model.MODEL)),
                options=options,
            )
        )

    def find(self, pixels: Pixels, *, detection_confidence: float, presence_confidence: float) -> Sequence[FoundHand]:
        height, width = pixels.shape[:2]
        readings: list[HandReading] = []
        found: list[FoundHand] = []
        for palm in self._reader.palms(pixels, confidence=detection_confidence):
            if len(found) == self._reader.options.max_hands:
                break
            reading = self._reader.of_palm(pixels, palm, presence=presence_confidence)
            if reading is not None and not any(is_same_hand(reading, other) for other in readings):
                readings.append(reading)
                found.append(reading.found(width=width, height=height, detection_score=palm.score))
        return found

    def tracker(self, *, judge: Judge | None = None) -> RegionTracker:
        return RegionTracker(self._reader, judge=judge)

    def close(self) -> None:
        """Nothing to release: the networks end with the last reference to them."""
