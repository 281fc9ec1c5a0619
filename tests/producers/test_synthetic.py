"""The synthetic camera, at its edge: what pictures it gives, in what order, with which labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, islice

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from events.frame import Mode
from producers.source import Shot, Source
from producers.synthetic import GESTURES, SyntheticCamera, render_still

WIDTH, HEIGHT = 160, 120

HAGRID = {
    *("call", "dislike", "fist", "four", "like", "mute", "ok", "one", "palm", "peace", "peace_inverted", "rock"),
    *("stop", "stop_inverted", "three", "three2", "two_up", "two_up_inverted"),
}


def film(*, count: int, seed: int = 0, rate: float = 30.0, gestures: Sequence[str] | None = None) -> list[Shot]:
    camera = SyntheticCamera(
        seed=seed,
        width=WIDTH,
        height=HEIGHT,
        frame_count=count,
        frame_rate_hz=rate,
        gestures=gestures,
    )
    return list(camera.shots())


def pixels(image: bytes) -> NDArray[np.uint8]:
    decoded = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def test_it_is_a_live_source_that_names_its_seed() -> None:
    camera: Source = SyntheticCamera(seed=7, width=WIDTH, height=HEIGHT, frame_count=3)
    shots = list(camera.shots())
    assert camera.mode is Mode.LIVE
    assert camera.total == len(shots) == 3
    assert {shot.source for shot in shots} == {"synthetic:seed=7"}
    assert SyntheticCamera(seed=7).total is None


def test_the_pictures_are_jpeg_of_the_size_asked_for() -> None:
    for shot in film(count=3):
        assert shot.image[:3] == b"\xff\xd8\xff"
        assert shot.content_type == "image/jpeg"
        assert (shot.width, shot.height) == (WIDTH, HEIGHT)
        assert pixels(shot.image).shape == (HEIGHT, WIDTH, 3)


def test_the_same_seed_gives_the_same_bytes_also_on_a_second_run_of_one_camera() -> None:
    camera = SyntheticCamera(seed=3, width=WIDTH, height=HEIGHT, frame_count=40)
    first = list(camera.shots())
    assert list(camera.shots()) == first
    assert film(count=40, seed=3) == first


def test_another_seed_gives_other_pictures() -> None:
    assert not {shot.image for shot in film(count=5, seed=1)} & {shot.image for shot in film(count=5, seed=2)}


def test_two_cameras_that_run_at_once_do_not_disturb_each_other() -> None:
    one, other = film(count=10, seed=1), film(count=10, seed=2)
    cameras = [SyntheticCamera(seed=seed, width=WIDTH, height=HEIGHT, frame_count=10) for seed in (1, 2)]
    assert list(zip(*(camera.shots() for camera in cameras), strict=True)) == list(zip(one, other, strict=True))


def test_shots_are_taken_at_the_frame_rate() -> None:
    times = [shot.at_seconds for shot in film(count=50, rate=12.5)]
    assert times == pytest.approx([number / 12.5 for number in range(50)])


def test_all_gestures_of_hagrid_are_offered() -> None:
    assert set(GESTURES) == HAGRID
    assert len(GESTURES) == len(HAGRID)


def test_a_label_is_the_gesture_while_it_is_held_and_no_gesture_on_the_way() -> None:
    labels = [shot.label for shot in film(count=120, rate=10.0, gestures=["ok", "fist"])]
    runs = [(label, len(list(run))) for label, run in groupby(labels)]
    assert {label for label, _ in runs[::2]} == {"no_gesture"}
    assert {label for label, _ in runs[1::2]} == {"ok", "fist"}
    # Held 1.2 s give or take a fifth, and a fifth of each change of 0.5 s, give or take as much, still shows it.
    assert all(9 <= length <= 18 for label, length in runs[1:-1] if label != "no_gesture")


def test_close_ends_the_film() -> None:
    camera = SyntheticCamera(width=WIDTH, height=HEIGHT)
    shots = camera.shots()
    assert len(list(islice(shots, 2))) == 2
    camera.close()
    camera.close()
    assert list(shots) == []


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"gestures": ["wave"]}, "wave"),
        ({"gestures": []}, "gestures"),
        ({"seed": -1}, "seed"),
        ({"width": 8}, "width"),
        ({"height": 100_000}, "height"),
        ({"frame_rate_hz": 0.0}, "frame_rate_hz"),
        ({"hold_seconds": float("nan")}, "hold_seconds"),
        ({"frame_count": -1}, "frame_count"),
        ({"quality": 0}, "quality"),
    ],
)
def test_an_argument_out_of_range_is_named(arguments: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        SyntheticCamera(**arguments)  # type: ignore[arg-type]


def test_stills_differ_by_seed_and_gesture_and_repeat_exactly() -> None:
    names = [*GESTURES, "no_gesture"]
    stills = {
        (name, seed): render_still(gesture=name, seed=seed, width=WIDTH, height=HEIGHT)
        for name in names
        for seed in range(2)
    }
    assert len(set(stills.values())) == len(stills)
    for (name, seed), still in stills.items():
        assert render_still(gesture=name, seed=seed, width=WIDTH, height=HEIGHT) == still
        assert pixels(still).shape == (HEIGHT, WIDTH, 3)


def test_an_unknown_gesture_is_named_for_stills_too() -> None:
    with pytest.raises(ValueError, match="wave"):
        render_still(gesture="wave", seed=0)
