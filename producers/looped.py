"""A source that begins again when it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from events.frame import Mode
from producers.source import FiniteSource, Shot


class Looped:
    """A Source that repeats another without end, its times going on. One that gives nothing ends."""

    def __init__(self, source: FiniteSource) -> None:
        self._source = source
        self._closed = False

    @property
    def mode(self) -> Mode:
        return self._source.mode

    @property
    def total(self) -> int | None:
        return None

    def shots(self) -> Iterator[Shot]:
        begin_seconds = 0.0
        while not self._closed:
            last_seconds: float | None = None
            for shot in self._source.shots():
                last_seconds = shot.at_seconds
                yield replace(shot, at_seconds=begin_seconds + shot.at_seconds)
            if last_seconds is None:
                return
            begin_seconds += last_seconds + self._source.period_seconds

    def close(self) -> None:
        self._closed = True
        self._source.close()
