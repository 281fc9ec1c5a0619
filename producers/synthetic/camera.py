"""A camera that needs no camera: a rendered hand that makes the gestures and says which."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from events.frame import Mode
from producers.source import Shot
from producers.synthetic.jpeg import check_format, encode
from producers.synthetic.motion import Pace, moments
from producers.synthetic.pose import gesture_poses
from producers.synthetic.renderer import Renderer

GESTURES: tuple[str, ...] = tuple(gesture_poses())


class SyntheticCamera:
    """A Source of rendered pictures. The same arguments give the same bytes.

    seed: decides everything that varies: order, durations, hands, skin tones, light, backgrounds, drift.
    width, height: pixels. frame_rate_hz: at_seconds of frame n is n / frame_rate_hz; pictures are rendered as fast as
    they are asked for. frame_count: how many, None for no end. quality: of the JPEG, 1 to 100.
    gestures: the ones to make, in each cycle once; all 18 where not given.
    hold_seconds, rest_seconds, transition_seconds: means; each stretch is up to a fifth longer or shorter.

    A shot's label is the gesture while it is held, or all but. During a rest pose, and on the way from one pose to
    another, it is `no_gesture`: a hand between two gestures makes none.

    Raises ValueError for an argument out of range or a gesture that it does not know.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        width: int = 640,
        height: int = 480,
        frame_rate_hz: float = 30.0,
        frame_count: int | None = None,
        quality: int = 90,
        gestures: Sequence[str] | None = None,
        hold_seconds: float = 1.2,
        rest_seconds: float = 0.6,
        transition_seconds: float = 0.5,
    ) -> None:
        check_format(seed=seed, width=width, height=height, quality=quality)
        durations = {
            "frame_rate_hz": frame_rate_hz,
            "hold_seconds": hold_seconds,
            "rest_seconds": rest_seconds,
            "transition_seconds": transition_seconds,
        }
        for name, value in durations.items():
            if not 0 < value < float("inf"):
                raise ValueError(f"{name} must be greater than 0, not {value}")
        if frame_count is not None and frame_count < 0:
            raise ValueError(f"frame_count must be 0 or more, or None for no end, not {frame_count}")
        self._gestures = GESTURES if gestures is None else tuple(gestures)
        unknown = sorted(set(self._gestures) - set(GESTURES))
        if unknown or not self._gestures:
            raise ValueError(
                f"unknown gestures: {', '.join(unknown) or 'none given'}; choose from {', '.join(GESTURES)}"
            )
        self._seed, self._quality = seed, quality
        self._width, self._height = width, height
        self._frame_rate_hz, self._frame_count = frame_rate_hz, frame_count
        self._pace = Pace(hold_seconds=hold_seconds, rest_seconds=rest_seconds, transition_seconds=transition_seconds)
        self._closed = threading.Event()

    @property
    def mode(self) -> Mode:
        return Mode.LIVE

    @property
    def total(self) -> int | None:
        return self._frame_count

    def shots(self) -> Iterator[Shot]:
        """Render the film from its beginning, until frame_count or close()."""
        renderer = Renderer(width=self._width, height=self._height)
        noise = np.random.default_rng(self._seed)
        script = moments(seed=self._seed, frame_rate_hz=self._frame_rate_hz, gestures=self._gestures, pace=self._pace)
        for number, moment in enumerate(islice(script, self._frame_count)):
            if self._closed.is_set():
                return
            picture = renderer.render(pose=moment.pose, placement=moment.placement, scene=moment.scene, random=noise)
            yield Shot(
                image=encode(picture, quality=self._quality),
                width=self._width,
                height=self._height,
                at_seconds=number / self._frame_rate_hz,
                source=f"synthetic:seed={self._seed}",
                label=moment.pose.label,
            )

    def close(self) -> None:
        self._closed.set()
