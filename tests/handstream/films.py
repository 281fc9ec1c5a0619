"""Short films of the synthetic hand, with the segments that it says itself."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import cv2
import numpy as np

from producers.synthetic import SyntheticCamera

RATE_HZ = 15.0


def write_film(folder: Path, *, gestures: tuple[str, ...], seconds: float, seed: int = 0) -> Path:
    """film.avi, 320 x 240, with film.csv beside it: the labels of its frames as segments."""
    camera = SyntheticCamera(
        seed=seed,
        width=320,
        height=240,
        frame_rate_hz=RATE_HZ,
        frame_count=round(seconds * RATE_HZ),
        gestures=gestures,
        hold_seconds=1.6,
    )
    path = folder / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE_HZ, (320, 240))
    labels = []
    for shot in camera.shots():
        writer.write(cv2.imdecode(np.frombuffer(shot.image, dtype=np.uint8), cv2.IMREAD_COLOR))
        labels.append(shot.label)
    writer.release()
    lines, first = ["start_frame,end_frame,gesture"], 0
    for label, run in groupby(labels):
        last = first + len(list(run)) - 1
        if label != "no_gesture":
            lines.append(f"{first},{last},{label}")
        first = last + 1
    (folder / "film.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
