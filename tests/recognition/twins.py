"""A small bundle and hands in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from events.frame import Frame, Mode
from events.prediction import Handedness
from recognition.bundle import Bundle, Manifest
from recognition.classifier import CalibratedClassifier
from recognition.features import FEATURE_COUNT, FEATURES_VERSION, Floats
from recognition.found_hand import FoundHand
from recognition.kernel_svm import KernelSvm
from tests.recognition.pictures import encoded

CAPTURED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CLASSES = ("fist", "no_gesture", "palm", "peace")
PICTURE = encoded("PNG")


def classifier(*, seed: int = 0) -> CalibratedClassifier:
    """One that gives every hand some probabilities."""
    random = np.random.default_rng(seed)

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    count = len(CLASSES)
    anchors = numbers(5, FEATURE_COUNT)
    machine = KernelSvm(
        mean=numbers(FEATURE_COUNT),
        scale=np.ones(FEATURE_COUNT, dtype=np.float32),
        anchors=anchors,
        anchor_norms=(anchors * anchors).sum(axis=1),
        gamma=0.01,
        weights=numbers(5, count),
        intercepts=numbers(count),
    )
    return CalibratedClassifier(classes=CLASSES, scorer=machine, slope=1.0, offsets=np.zeros(count))


def manifest(
    *,
    threshold: float = 0.0,
    thresholds: Mapping[str, float] | None = None,
    features: str = FEATURES_VERSION,
    classes: tuple[str, ...] = CLASSES,
) -> Manifest:
    return Manifest(
        name="twin",
        version="7",
        sha256="0" * 64,
        classes=classes,
        features=features,
        threshold=threshold,
        thresholds=dict(thresholds or {}),
    )


class TwinClassifier:
    """Gives the probabilities it was told to, and keeps the features it was asked about."""

    classes = CLASSES

    def __init__(self, *probabilities: float) -> None:
        self._probabilities = probabilities
        self.asked: list[Floats] = []

    def predict_proba(self, features: Floats) -> Floats:
        self.asked.append(features)
        return np.tile(np.array(self._probabilities), (len(features), 1))


def bundle(
    *, twin: TwinClassifier | None = None, threshold: float = 0.0, thresholds: Mapping[str, float] | None = None
) -> Bundle:
    return Bundle(
        manifest=manifest(threshold=threshold, thresholds=thresholds),
        classifier=twin or TwinClassifier(0.1, 0.2, 0.6, 0.1),
    )


def hand(
    *, handedness: Handedness = Handedness.RIGHT, score: float = 0.987654, seed: int = 0, mirrored: bool = False
) -> FoundHand:
    landmarks = np.random.default_rng(seed).uniform(0.2, 0.8, size=(21, 3))
    if mirrored:
        landmarks[:, 0] = 1 - landmarks[:, 0]
    return FoundHand(handedness=handedness, score=score, landmarks=landmarks)


def frame(
    *,
    camera: str = "desk",
    run: str = "r",
    sequence: int = 0,
    mode: Mode = Mode.LIVE,
    image: bytes = PICTURE,
    content_type: str = "image/png",
) -> Frame:
    return Frame(
        image=image,
        camera=camera,
        run=run,
        sequence=sequence,
        captured_at=CAPTURED_AT + timedelta(milliseconds=33 * sequence),
        source="twin",
        width=0,
        height=0,
        mode=mode,
        content_type=content_type,
    )
