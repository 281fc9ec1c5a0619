"""Makes the hands without a gesture that training takes beside the user's data:  python -m tools.other_hands

Renders poses of every kind in producers/synthetic/other_poses.py, lets the engine find the landmarks, as it would in
photographs, and keeps them in training/assets/other_hands.npz. No picture is kept. Hands that the shipped model names
as a gesture are left out: it has learned from real hands what a gesture looks like, and who trains without real hands
that make none must not learn from rendered ones that a gesture is none.
"""

from __future__ import annotations

import multiprocessing
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from events.prediction import NO_GESTURE
from producers.synthetic.other_poses import OTHER_KINDS, other_pose
from producers.synthetic.renderer import Placement, Renderer
from producers.synthetic.scene import random_scene
from recognition.bundle import Bundle, load_bundle
from recognition.decision import decide
from recognition.engine.loading import load_engine
from recognition.features import Floats, features, normalise, square_pixels
from recognition.handedness import weighted_by_side
from recognition.still_search import StillSearch

ASSET = Path(__file__).parents[1] / "training" / "assets" / "other_hands.npz"
EACH = 800
SEED = 20260
WIDTH, HEIGHT = 480, 480
# Fixed point with 12 bits behind the point: a five-hundredth of the precision that landmarks have.
SCALE = 4096


def main() -> None:
    jobs = [(number, kind) for number in range(EACH) for kind in OTHER_KINDS]
    kinds: list[str] = []
    hands: list[Floats] = []
    with multiprocessing.get_context("spawn").Pool() as pool:
        for kind, found in track(pool.imap(_render, jobs, chunksize=20), total=len(jobs), description="hands"):
            hands += found
            kinds += [kind] * len(found)
    save(np.stack(hands), kinds)
    print(f"{len(hands):,} hands found in {len(jobs):,} pictures, {ASSET.stat().st_size:,} bytes")


def save(hands: Floats, kinds: list[str]) -> None:
    """Keep those of the hands (n, 21, 2), normalised, that are no gesture."""
    names = sorted(OTHER_KINDS)
    kept = ~is_gesture(hands)
    points = np.round(hands[kept] * SCALE).astype(np.int16)
    ASSET.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        ASSET,
        points=points,
        scale=np.float64(SCALE),
        kinds=np.array([names.index(kind) for kind in kinds], np.uint8)[kept],
        names=np.array(names),
    )


def is_gesture(hands: Floats, *, bundle: Bundle | None = None) -> NDArray[np.bool_]:
    """Which of the hands (n, 21, 2) a model names as a gesture, whichever side is seen (n,); by default the shipped."""
    model = bundle or load_bundle()
    classes, thresholds = model.manifest.classes, model.manifest.class_thresholds
    probabilities = model.classifier.predict_proba(features(hands))
    sides = [weighted_by_side(probabilities, classes=classes, back=np.full(len(hands), back)) for back in (0.0, 1.0)]
    named = [decide(one, classes=classes, thresholds=thresholds).gestures != NO_GESTURE for one in sides]
    return np.asarray(named[0] | named[1])


def _render(job: tuple[int, str]) -> tuple[str, list[Floats]]:
    number, kind = job
    random = np.random.default_rng((SEED, sorted(OTHER_KINDS).index(kind), number))
    scene = random_scene(random, left=bool(random.integers(2)))
    x, y, size = random.uniform((0.4, 0.4, 0.4), (0.6, 0.6, 0.7))
    picture = _renderer().render(
        pose=other_pose(kind, random=random), placement=Placement(x=x, y=y, size=size), scene=scene, random=random
    )
    found = _search().find(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
    points = [square_pixels(hand.landmarks, width=WIDTH, height=HEIGHT) for hand in found]
    return kind, list(normalise(np.stack(points))) if points else []


@cache
def _renderer() -> Renderer:
    return Renderer(width=WIDTH, height=HEIGHT)


@cache
def _search() -> StillSearch:
    return StillSearch(load_engine())


if __name__ == "__main__":
    main()
