"""Names of the topics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Topic names behind a prefix, so that several installations can share a cluster."""

    prefix: str = ""

    @property
    def frames(self) -> str:
        return f"{self.prefix}frames"

    @property
    def predictions(self) -> str:
        return f"{self.prefix}predictions"

    @property
    def gestures(self) -> str:
        return f"{self.prefix}gestures"

    @property
    def dead_letters(self) -> str:
        return f"{self.prefix}frames.dlq"

    def all(self) -> tuple[str, ...]:
        return (self.frames, self.predictions, self.gestures, self.dead_letters)
