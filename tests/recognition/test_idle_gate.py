"""A camera before which nothing happens is searched twice a second, and nothing that appears is overlooked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from events.reason import Reason, RecordError
from imaging.decoding import Pixels
from recognition.idle_gate import MAX_SKIP_SECONDS, SETTLE_SECONDS, IdleGate
from tests.recognition.pictures import encoded, jpeg

FPS = 15
HEIGHT, WIDTH = 480, 640
# Once the camera has settled.
BEGIN = round(2 * FPS * SETTLE_SECONDS)


def room(*, seed: int = 0) -> Pixels:
    """Something with light, dark and edges."""
    blocks = np.random.default_rng(seed).integers(60, 200, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(blocks, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


@cache
def grainy_room(index: int, *, noise: float = 4.0, quality: int = 80) -> bytes:
    return jpeg(room(), seed=index, noise=noise, quality=quality)


def still_camera(seconds: float, **how: Any) -> list[bytes]:
    return [grainy_room(index, **how) for index in range(round(seconds * FPS))]


def skipped(
    images: Iterable[bytes], *, at: Callable[[int], float] = lambda index: index / FPS, gate: IdleGate | None = None
) -> list[bool]:
    """Which frames were skipped, where no search finds anything."""
    gate = gate or IdleGate()
    answers = []
    for index, image in enumerate(images):
        may_skip = gate.may_skip(image, at_seconds=at(index))
        if not may_skip:
            gate.searched(found=False, at_seconds=at(index))
        answers.append(may_skip)
    return answers


@pytest.mark.parametrize("how", [{"noise": 0}, {"noise": 4}, {"noise": 12}, {"noise": 4, "quality": 50}])
def test_a_camera_before_which_nothing_happens_is_searched_at_least_twice_a_second_and_hardly_more(
    how: dict[str, Any],
) -> None:
    answers = skipped(still_camera(3, **how))

    searched_at = [index / FPS for index, answer in enumerate(answers) if not answer]
    assert max(np.diff(searched_at)) <= MAX_SKIP_SECONDS
    assert sum(answers[BEGIN:]) / len(answers[BEGIN:]) > 0.8


@pytest.mark.parametrize("fps", [1, 2, 4, 7, 60])
def test_whatever_the_frame_rate_searches_are_at_most_half_a_second_apart_where_frames_allow_it(fps: int) -> None:
    answers = skipped(still_camera(2), at=lambda index: index / fps)

    searched = [index for index, answer in enumerate(answers) if not answer]
    assert max(np.diff(searched)) <= max(1, MAX_SKIP_SECONDS * fps)


@pytest.mark.parametrize("at", [(0, 220), (600, 220), (300, 0), (560, 420)])
def test_something_the_size_of_a_small_hand_is_noticed_wherever_it_appears(at: tuple[int, int]) -> None:
    images = still_camera(3)
    left, top = at
    seen = room()
    corner = seen[top : top + 40, left : left + 40]
    seen[top : top + 40, left : left + 40] = np.where(corner < 128, corner + 25, corner - 25)
    for appears in range(BEGIN, BEGIN + 4):
        after = [jpeg(seen, seed=1000 + index) for index in range(2)]

        answers = skipped([*images[:appears], *after])

        assert not all(answers[appears:]), "noticed with the second frame at the latest"


def test_it_is_noticed_although_it_comes_slowly() -> None:
    images = still_camera(1)
    for index in range(FPS):
        seen = room()
        seen[200:280, WIDTH - 6 * (index + 1) :] = 220  # 90 pixels a second
        images.append(jpeg(seen, seed=100 + index))

    answers = skipped(images)

    assert not all(answers[FPS : FPS + 6])
    assert sum(answers[FPS + 6 :]) <= 1


def test_a_change_of_light_is_motion_too() -> None:
    images = still_camera(2)
    brighter = jpeg(np.clip(room().astype(int) + 4, 0, 255).astype(np.uint8), seed=500)

    assert not all(skipped([*images, brighter, brighter])[-2:])


def test_while_something_moves_and_shortly_after_every_frame_is_searched() -> None:
    images = still_camera(2)
    for index in range(FPS):
        seen = room()
        seen[200:280, 40 * index : 40 * index + 60] = 230
        images.append(jpeg(seen, seed=200 + index))
    images += [jpeg(seen, seed=300 + index) for index in range(FPS)]

    answers = skipped(images)

    assert not any(answers[2 * FPS + 2 : 3 * FPS + int(SETTLE_SECONDS * FPS)])
    assert any(answers[3 * FPS + int(SETTLE_SECONDS * FPS) :])


def test_after_a_hand_was_there_the_next_frames_are_searched() -> None:
    gate = IdleGate()
    images = still_camera(2)
    skipped(images, gate=gate)
    gate.searched(found=True, at_seconds=2.0)

    answers = skipped(images, at=lambda index: 2 + (index + 1) / FPS, gate=gate)

    assert not any(answers[: int(SETTLE_SECONDS * FPS)])
    assert any(answers)


@pytest.mark.parametrize("at", [lambda _: 7.0, lambda index: -index / FPS])
def test_where_capture_times_do_not_rise_every_frame_is_searched(at: Callable[[int], float]) -> None:
    assert not any(skipped(still_camera(2), at=at))


def test_another_size_of_the_image_is_motion() -> None:
    images = still_camera(2)
    smaller = jpeg(np.asarray(cv2.resize(room(), (320, 200)), dtype=np.uint8))

    assert not all(skipped([*images, smaller, smaller])[-2:])


@pytest.mark.parametrize("size", [(8, 8), (1, 1), (40, 3000)])
def test_images_of_any_size_can_be_compared(size: tuple[int, int]) -> None:
    answers = skipped([encoded("JPEG", size=size)] * 30)

    assert any(answers)


def test_other_formats_than_jpeg_are_always_searched() -> None:
    assert not any(skipped([encoded("PNG")] * 30))


def test_a_jpeg_whose_content_is_broken_is_left_to_the_decoder() -> None:
    whole = jpeg(room())
    broken = whole[: whole.index(b"\xff\xda") + 400]

    assert not any(skipped([broken] * 30))


@pytest.mark.parametrize(("image", "reason"), [(b"", Reason.EMPTY_IMAGE), (b"no image", Reason.NOT_AN_IMAGE)])
def test_what_breaks_a_limit_is_refused_before_anything_is_decoded(image: bytes, reason: Reason) -> None:
    with pytest.raises(RecordError) as caught:
        IdleGate().may_skip(image, at_seconds=0.0)

    assert caught.value.reason is reason


def test_so_is_an_image_that_claims_too_many_pixels() -> None:
    image = bytearray(encoded("JPEG"))
    frame_header = image.index(b"\xff\xc0")
    image[frame_header + 5 : frame_header + 9] = b"\x75\x30\x75\x30"  # 30000 x 30000

    with pytest.raises(RecordError) as caught:
        IdleGate().may_skip(bytes(image), at_seconds=0.0)

    assert caught.value.reason is Reason.TOO_MANY_PIXELS
