"""What classifying one hand costs, and loading the bundle:  python -m benchmarks.classify [FOLDER]

From 21 points to the gesture as the worker does it: features, classifier, handedness and decision, on one thread.
FOLDER: of the bundle; the shipped one where not given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from events.prediction import Handedness
from recognition.bundle import SHIPPED_BUNDLE, Bundle, load_bundle
from recognition.decision import Decisions, decide
from recognition.features import Floats, features
from recognition.handedness import with_handedness

HANDS = 5000
LOADS = 20


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED_BUNDLE
    bundle = load_bundle(folder)
    random = np.random.default_rng(0)
    hands = random.uniform(0, 400, (HANDS, 1, 21, 2))
    worlds = random.uniform(-0.1, 0.1, (HANDS, 21, 3))
    with threadpool_limits(1):
        each = [
            _milliseconds(partial(_classify, bundle, hand, world)) for hand, world in zip(hands, worlds, strict=True)
        ]
        loads = [_milliseconds(partial(load_bundle, folder)) for _ in range(LOADS)]
    size = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{bundle.manifest.name} {bundle.manifest.version}, {bundle.manifest.kind}, {size / 1000:,.0f} kB")
    print(f"one hand: median {median(each):.3f} ms, p95 {quantiles(each, n=20)[-1]:.3f} ms, of {HANDS:,}")
    print(f"loading the bundle, checksum included: median {median(loads):.1f} ms")


def _classify(bundle: Bundle, hand: Floats, world: Floats) -> Decisions:
    probabilities = with_handedness(
        bundle.classifier.predict_proba(features(hand)),
        classes=bundle.manifest.classes,
        landmarks=hand,
        handedness=[Handedness.RIGHT],
        scores=[0.9],
        world_landmarks=[world],
    )
    return decide(probabilities, classes=bundle.manifest.classes, thresholds=bundle.manifest.class_thresholds)


def _milliseconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return (perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
