"""Frames of a film that is played by a camera."""

from __future__ import annotations

from datetime import datetime, timedelta

from benchmarks.film_file import Film
from events.frame import Frame, Mode

FRAME_INTERVAL = timedelta(seconds=1 / 30)


def film_frame(
    film: Film, *, camera: int, sequence: int, began: datetime, mode: Mode, interval: timedelta = FRAME_INTERVAL
) -> Frame:
    """Frame number `sequence` of a camera that began its film at that time."""
    return Frame(
        image=film.image(sequence),
        camera=f"bench-{camera}",
        run="bench",
        sequence=sequence,
        captured_at=began + sequence * interval,
        source="bench",
        width=film.width,
        height=film.height,
        mode=mode,
    )
