"""What one picture shows, wherever it came from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from producers.source import Source
from recognition.engine.protocol import HandTracker
from recognition.found_hand import FoundHand
from recognition.image import decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One picture and its hands.

    at_seconds: time of capture on any clock that goes on from picture to picture.
    width, height: of the picture, pixels. still: the picture has nothing to do with the one before it.
    """

    at_seconds: float
    width: int
    height: int
    hands: Sequence[FoundHand]
    still: bool = False


def sightings(source: Source, tracker: HandTracker) -> Iterator[Sighting]:
    """The hands in every picture of a source. Raises SourceError where it cannot be opened or is lost for good."""
    for sequence, shot in enumerate(source.shots()):
        pixels = decode(shot.image)
        height, width = pixels.shape[:2]
        hands = tracker.find(pixels, at_seconds=shot.at_seconds, sequence=sequence)
        yield Sighting(at_seconds=shot.at_seconds, width=width, height=height, hands=hands)
