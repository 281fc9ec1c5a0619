"""Making films: rendered hands, a folder of images, idle cameras, and cameras before which hands appear."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from benchmarks.film_file import Film
from events.reason import RecordError
from imaging.decoding import decode
from imaging.files import find_images
from imaging.header import image_size
from producers.source import SourceError
from producers.synthetic import GESTURES, SyntheticCamera
from producers.synthetic.jpeg import encode
from producers.synthetic.motion import Pace, moments
from producers.synthetic.renderer import Renderer
from producers.synthetic.scene import background

SIZE = (640, 480)
JPEG_QUALITY = 90
NOISE_LEVELS = 2.0
PACE = Pace(hold_seconds=1.2, rest_seconds=0.6, transition_seconds=0.5)


def rendered(*, cameras: int, images: int, size: tuple[int, int] = SIZE) -> list[Film]:
    """Films of the synthetic camera, each with a hand of its own. They run forwards and backwards, so that a loop of
    few images has no cut, at which a hand that is tracked would have to be found anew."""
    width, height = size
    films = []
    for seed in range(cameras):
        camera = SyntheticCamera(seed=seed, frame_count=images, width=width, height=height, quality=JPEG_QUALITY)
        forwards = [shot.image for shot in camera.shots()]
        films.append(Film(images=(*forwards, *forwards[-2:0:-1]), width=width, height=height))
    return films


def from_folder(folder: Path, *, cameras: int) -> list[Film]:
    """The images of a folder, distributed over the cameras. JPEG files stay as they are, others become JPEG.

    Raises SourceError.
    """
    images = []
    for file in find_images([folder]).files:
        try:
            images.append(_jpeg(file))
        except (OSError, RecordError):
            continue
    if not images:
        raise SourceError(f"there are no images that can be decoded below {folder}: give --images a folder with some")
    sizes = {image_size(image) for image in images}
    width, height = sizes.pop() if len(sizes) == 1 else (0, 0)
    shares = [tuple(images[number::cameras]) or tuple(images) for number in range(cameras)]
    return [Film(images=share, width=width, height=height) for share in shares]


def resized(films: Sequence[Film], *, size: tuple[int, int]) -> list[Film]:
    """The same pictures with other numbers of pixels."""
    return [
        Film(images=tuple(_resized(image, size) for image in film.images), width=size[0], height=size[1])
        for film in films
    ]


def idle(*, cameras: int, images: int, size: tuple[int, int] = SIZE) -> list[Film]:
    """Cameras before which nothing moves: a still scene and the sensor's noise, which differs from image to image."""
    width, height = size
    random = np.random.default_rng(0)
    return [
        Film(
            images=tuple(_noisy(background(number, width, height), random) for _ in range(images)),
            width=width,
            height=height,
        )
        for number in range(cameras)
    ]


def appearing(*, cameras: int, idle_images: int, hand_images: int, size: tuple[int, int] = SIZE) -> list[Film]:
    """An idle camera, before which a hand then appears from one image to the next."""
    width, height = size
    renderer = Renderer(width=width, height=height)
    random = np.random.default_rng(0)
    films = []
    for seed in range(cameras):
        script = moments(seed=seed, frame_rate_hz=30, gestures=GESTURES, pace=PACE)
        # The first moments are on the way out of a rest pose: begin within the first gesture.
        shown = list(islice(script, 20, 20 + hand_images))
        empty = background(shown[0].scene.background, width, height)
        nobody = [_noisy(empty, random) for _ in range(idle_images)]
        hands = [
            encode(
                renderer.render(pose=moment.pose, placement=moment.placement, scene=shown[0].scene, random=random),
                quality=JPEG_QUALITY,
            )
            for moment in shown
        ]
        films.append(Film(images=(*nobody, *hands), width=width, height=height))
    return films


def _jpeg(file: Path) -> bytes:
    image = file.read_bytes()
    pixels = decode(image)
    return image if file.suffix.lower() in (".jpg", ".jpeg") else encode(_bgr(pixels), quality=JPEG_QUALITY)


def _resized(image: bytes, size: tuple[int, int]) -> bytes:
    smaller = size[0] < SIZE[0]
    pixels = cv2.resize(decode(image), size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    return encode(_bgr(np.asarray(pixels, np.uint8)), quality=JPEG_QUALITY)


def _bgr(pixels: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(pixels[:, :, ::-1])


def _noisy(picture: np.ndarray, random: np.random.Generator) -> bytes:
    noise = random.normal(0, NOISE_LEVELS, picture.shape).round().astype(np.int16)
    return encode(np.clip(picture + noise, 0, 255).astype(np.uint8), quality=JPEG_QUALITY)
