"""What stays while a hand moves: whose hand it is, in what light, before what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Tone = tuple[float, float, float]

# Skin tones from light to dark: blue, green, red in 0..1.
SKIN_TONES: tuple[Tone, ...] = (
    (0.68, 0.78, 0.95),
    (0.58, 0.70, 0.90),
    (0.44, 0.58, 0.80),
    (0.33, 0.46, 0.68),
    (0.26, 0.36, 0.54),
    (0.21, 0.28, 0.42),
)
BACKGROUND_COUNT = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """direction: from the hand to the lamp, in the camera's axes (x right, y down, z away); unit length.
    colour: factors for blue, green, red. ambient: 0..1, how light the shadow side is."""

    direction: tuple[float, float, float]
    colour: Tone
    ambient: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """left: a left hand. tone: see SKIN_TONES. background: number below BACKGROUND_COUNT.
    build: how wide, thick and long the hand is, as factors."""

    left: bool
    tone: Tone
    light: Light
    background: int
    build: tuple[float, float, float]


def random_scene(random: np.random.Generator, *, left: bool) -> Scene:
    azimuth, height = random.uniform(-1.1, 1.1), random.uniform(-0.1, 1.0)
    warmth = random.uniform(-0.06, 0.06)
    level = random.uniform(0.88, 1.06)
    return Scene(
        left=left,
        tone=SKIN_TONES[random.integers(len(SKIN_TONES))],
        light=Light(
            direction=(
                float(np.sin(azimuth) * np.cos(height)),
                float(-np.sin(height)),
                float(-np.cos(azimuth) * np.cos(height)),
            ),
            colour=(level * (1 - warmth), level, level * (1 + warmth)),
            ambient=random.uniform(0.38, 0.55),
        ),
        background=int(random.integers(BACKGROUND_COUNT)),
        build=(random.uniform(0.93, 1.08), random.uniform(0.93, 1.08), random.uniform(0.96, 1.04)),
    )


# A picture is under a megabyte at 640x480, and a scene shows one for seconds on end.
@lru_cache(maxsize=4)
def background(number: int, width: int, height: int) -> Picture:
    """A wall, soft clutter, a room out of focus or a curtain, (height, width, 3); the same for the same number."""
    random = np.random.default_rng(number)
    base = random.uniform(65, 200) + random.uniform(-22, 22, 3)
    across = np.linspace(-28, 28, width)[None, :, None] * random.uniform(-1, 1)
    down = np.linspace(-28, 28, height)[:, None, None] * random.uniform(-1, 1)
    picture = (base + across + down).astype(np.float32)
    picture += (_wall, _clutter, _room, _curtain)[number % 4](random, width, height)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _wall(random: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    return _cloud(random, width, height, cells=24, strength=4)


def _clutter(random: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    return _cloud(random, width, height, cells=32, strength=32)


def _room(random: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    picture = np.zeros((height, width, 3), np.float32)
    for _ in range(14):
        left, top = int(random.uniform(-0.2, 0.9) * width), int(random.uniform(-0.2, 0.9) * height)
        right, bottom = left + int(random.uniform(0.06, 0.45) * width), top + int(random.uniform(0.08, 0.6) * height)
        colour = random.uniform(-60, 60) + random.uniform(-18, 18, 3)
        cv2.rectangle(picture, (left, top), (right, bottom), colour.tolist(), thickness=-1)
    blurred: NDArray[np.float32] = cv2.GaussianBlur(picture, (0, 0), random.uniform(2, 9) * width / 640)
    return blurred


def _curtain(random: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    folds = random.uniform(4, 10)
    place = np.linspace(0, 2 * np.pi * folds, width) + 3 * np.sin(np.linspace(0, random.uniform(4, 9), width))
    wave = random.uniform(4, 11) * np.sin(place)[None, :, None]
    stripes: NDArray[np.float32] = (wave + _cloud(random, width, height, cells=12, strength=10)).astype(np.float32)
    return stripes


def _cloud(random: np.random.Generator, width: int, height: int, *, cells: int, strength: float) -> NDArray[np.float32]:
    coarse = random.normal(0, 1, (cells * 3 // 4, cells, 3)).astype(np.float32)
    cloud: NDArray[np.float32] = cv2.resize(
        cv2.GaussianBlur(coarse, (0, 0), 1.5), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return cloud * np.float32(strength)
