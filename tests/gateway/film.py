"""What a fake webcam plays: rendered gestures, one after another."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from events.prediction import NO_GESTURE
from producers.synthetic.camera import SyntheticCamera

# Chromium plays an MJPEG file at 30 frames a second, whatever was meant.
_PLAYED_HZ = 30
# Half as many are rendered, each is there twice: rendering is what takes time here.
_RENDERED_HZ = 15
HOLD_SECONDS = 2.5


def write_film(path: Path, *, gestures: tuple[str, ...], seed: int) -> list[str]:
    """An MJPEG file in which each of the gestures is held once; their order. Chromium begins anew at its end."""
    camera = SyntheticCamera(
        seed=seed,
        frame_rate_hz=_RENDERED_HZ,
        gestures=gestures,
        hold_seconds=HOLD_SECONDS,
        rest_seconds=0.4,
        transition_seconds=0.4,
    )
    order: list[str] = []
    pictures: list[bytes] = []
    for label, shots in groupby(camera.shots(), key=lambda shot: shot.label):
        if len(order) == len(gestures) and label != NO_GESTURE:
            break  # the next cycle
        if label is not None and label != NO_GESTURE:
            order.append(label)
        pictures += (shot.image for shot in shots)
    path.write_bytes(b"".join(picture * (_PLAYED_HZ // _RENDERED_HZ) for picture in pictures))
    return order
