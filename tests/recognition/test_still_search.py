"""Hands that the first search does not find."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from events.prediction import Handedness
from imaging.decoding import ENOUGH_PIXELS_LONG_SIDE, Pixels, decode
from producers.synthetic import render_still
from recognition.engine.loading import load_engine
from recognition.engine.protocol import HandEngine
from recognition.found_hand import FoundHand
from recognition.image_cut import brightened, quarters, shrunk, with_margin
from recognition.still_search import DETECTION_CONFIDENCE, PRESENCE_CONFIDENCE, StillSearch


@pytest.fixture(scope="module")
def engine() -> HandEngine:
    return load_engine()


@pytest.fixture(scope="module")
def search(engine: HandEngine) -> StillSearch:
    return StillSearch(engine)


def first_search(engine: HandEngine, pixels: Pixels) -> bool:
    return bool(engine.find(pixels, detection_confidence=DETECTION_CONFIDENCE, presence_confidence=PRESENCE_CONFIDENCE))


def spot(pixels: Pixels) -> tuple[int, int]:
    """Row and column of the white spot."""
    row, column = np.unravel_index(int(pixels[..., 0].argmax()), pixels.shape[:2])
    return int(row), int(column)


def test_what_a_cut_shows_is_put_back_to_its_place_in_the_picture() -> None:
    pixels = np.zeros((120, 200, 3), np.uint8)
    pixels[70, 110] = 255

    for cut in (with_margin(pixels), *quarters(pixels)):
        row, column = spot(cut.pixels)
        if not cut.pixels[row, column, 0]:
            continue
        height, width = cut.pixels.shape[:2]
        seen = FoundHand(
            handedness=Handedness.LEFT, score=1.0, landmarks=np.tile([column / width, row / height, 0.1], (21, 1))
        )

        back = cut.back(seen).landmarks[0]

        np.testing.assert_allclose(back[:2], (110 / 200, 70 / 120))
        assert back[2] == pytest.approx(0.1 * width / 200)


def test_the_quarters_leave_nothing_of_the_picture_out_and_overlap() -> None:
    seen = np.zeros((101, 53), int)
    for cut in quarters(np.zeros((101, 53, 3), np.uint8)):
        height, width = cut.pixels.shape[:2]
        seen[cut.top : cut.top + height, cut.left : cut.left + width] += 1

    assert seen.min() == 1
    assert seen.max() == 4


@pytest.mark.parametrize("shape", [(16_384, 3), (2, 16_384), (1, 1), (3000, 2000)])
def test_no_picture_is_too_large_or_too_thin_to_be_looked_at_again(search: StillSearch, shape: tuple[int, int]) -> None:
    pixels = np.zeros((*shape, 3), np.uint8)

    assert max(shrunk(pixels).shape) <= max(ENOUGH_PIXELS_LONG_SIDE, 3)
    assert list(search.find(pixels)) == []


def test_a_hand_that_is_far_away_is_found_where_it_is(engine: HandEngine, search: StillSearch) -> None:
    missed = found = 0
    for seed, gesture in enumerate(("palm", "peace", "fist") * 3):
        near = decode(render_still(gesture=gesture, seed=seed, width=960, height=720))
        (hand,) = search.find(near)
        small = cv2.resize(near, None, fx=0.16, fy=0.16, interpolation=cv2.INTER_AREA)
        far = cv2.GaussianBlur(near, (0, 0), 40)
        far[80 : 80 + small.shape[0], 600 : 600 + small.shape[1]] = small
        if first_search(engine, far):
            continue
        missed += 1
        place = hand.landmarks[:, :2] * small.shape[1::-1] + (600, 80)
        for again in search.find(far):
            apart = np.linalg.norm(again.landmarks[:, :2] * (960, 720) - place, axis=1).mean()
            found += bool(apart < 0.25 * np.ptp(place, axis=0).max())

    assert missed, "the first search found all of them: nothing was tested"
    assert found > missed / 2


def test_a_hand_in_the_dark_is_found_when_the_image_is_brightened(engine: HandEngine, search: StillSearch) -> None:
    missed = found = 0
    for seed, gesture in enumerate(("palm", "peace", "fist", "one", "call", "rock") * 2):
        lit = decode(render_still(gesture=gesture, seed=seed))
        noise = np.random.default_rng(seed).normal(0, 1.5, lit.shape)
        dark = np.clip(lit / 20 + noise, 0, 255).astype(np.uint8)
        if first_search(engine, dark):
            continue
        missed += 1
        found += bool(search.find(dark))

    assert missed, "the first search found all of them: nothing was tested"
    assert found > missed / 2


def test_an_image_with_light_in_it_is_not_brightened() -> None:
    assert brightened(np.full((40, 40, 3), 120, np.uint8)) is None
