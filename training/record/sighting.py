"""What one picture shows, whether it comes from a source or from the predictions of the workers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from broker.received import BatchReader, ReceivedPrediction
from events.frame import Mode
from events.prediction import Prediction, Status
from events.stream_end import StreamEnd
from imaging.decoding import decode
from producers.source import Source
from recognition.engine.protocol import HandTracker
from recognition.found_hand import FoundHand

POLL_SECONDS = 0.1


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


class PredictionSightings:
    """What one camera's predictions show; between them None, where nothing came for a moment.

    It ends when the camera's stream has ended. Two cameras would show two people: without a camera's name, the first
    that is seen is recorded, and named to the user.

    unsized: predictions that do not say the shape of their picture, as old workers write them; they cannot be used.
    """

    def __init__(
        self, reader: BatchReader[ReceivedPrediction], *, camera: str | None, tell: Callable[[str], None]
    ) -> None:
        self._reader = reader
        self._tell = tell
        self._runs: set[str] = set()
        self._ended: dict[str, set[int]] = defaultdict(set)
        self._partitions: dict[str, int] = {}
        self.camera = camera
        self.unsized = 0

    def __iter__(self) -> Iterator[Sighting | None]:
        while True:
            batch = self._reader.read(timeout_seconds=POLL_SECONDS)
            for marker in batch.ends:
                self._end(marker)
            for received in batch.received:
                sighting = self._see(received.prediction)
                if sighting is not None:
                    yield sighting
            if self._has_ended():
                return
            yield None

    def _see(self, prediction: Prediction) -> Sighting | None:
        if self.camera is None:
            self.camera = prediction.camera
            self._tell(f"recording camera {self.camera!r}; --camera chooses another")
        if prediction.camera != self.camera or prediction.status is Status.STALE:
            return None
        self._runs.add(prediction.run)
        if not prediction.width or not prediction.height:
            self.unsized += 1
            return None
        return Sighting(
            at_seconds=prediction.captured_at.timestamp(),
            width=prediction.width,
            height=prediction.height,
            hands=[
                FoundHand(
                    handedness=hand.handedness,
                    score=hand.score,
                    landmarks=np.array(hand.landmarks),
                    presence=nan,  # Predictions do not carry it.
                    world_landmarks=None if hand.world_landmarks is None else np.array(hand.world_landmarks),
                    track_id=hand.track_id,
                )
                for hand in prediction.hands
            ],
            still=prediction.mode is Mode.STILL,
        )

    def _end(self, marker: StreamEnd) -> None:
        self._ended[marker.run].add(marker.partition)
        self._partitions[marker.run] = marker.partitions

    def _has_ended(self) -> bool:
        return bool(self._runs) and all(
            run in self._partitions and len(self._ended[run]) >= self._partitions[run] for run in self._runs
        )
