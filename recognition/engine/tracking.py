"""Following hands from frame to frame."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from events.prediction import MAX_HANDS
from imaging.decoding import Pixels
from recognition.engine.hand_reader import is_same_hand
from recognition.engine.landmark_model import HandReading
from recognition.engine.options import EngineOptions
from recognition.engine.palm_detector import Palm
from recognition.engine.protocol import Judge
from recognition.engine.region import Region
from recognition.found_hand import FoundHand

# MediaPipe's defaults.
DETECTION_CONFIDENCE = 0.5
PRESENCE_CONFIDENCE = 0.5
# While fewer hands are followed than may be, the palm detector looks for others: two frames of a slow camera below the
# half second that a second hand may wait.
SEARCH_EVERY_SECONDS = 0.4
# With all hands there, it only checks those that are followed.
CHECK_EVERY_SECONDS = 1.0
# A hand that is probably not well followed is compared with a detection earlier, but no more often than this.
DOUBT_EVERY_SECONDS = 0.25
_DOUBTFUL_PRESENCE = 0.9
_DOUBTFUL_CERTAINTY = 0.7
# The landmarks that the palm detector's keypoints stand for. On 80 photographs of hands their mean distance is 0.13
# palm lengths in the median, and less than 0.3 for nine in ten.
_KEYPOINT_LANDMARKS = [0, 5, 9, 13, 17, 1, 2]
_CONSISTENT_PALMS = 0.3
# Two readings of a hand agree when their points are nearer than this, in palm lengths; then nothing is changed.
_AGREEING_PALMS = 0.1
# A hand that is found again at its place this soon is the same hand.
REMEMBER_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedHand:
    """region: where it is looked for next. track_id: of the hand. certainty: 0..1, by the classifier, of its last
    reading; 1 where nobody says."""

    region: Region
    track_id: int
    certainty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LostHand:
    """region: where it was. at_seconds: when it was last seen."""

    region: Region
    track_id: int
    at_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingState:
    """All that is kept of a run of a camera between two frames. searched_at_seconds: when palms were last detected."""

    hands: tuple[TrackedHand, ...] = ()
    lost: tuple[LostHand, ...] = ()
    searched_at_seconds: float = -math.inf


@dataclass(slots=True)
class _Sighting:
    reading: HandReading
    track_id: int | None = None
    detection_score: float = 1.0
    certainty: float = 1.0

    @property
    def is_doubtful(self) -> bool:
        return self.reading.presence < _DOUBTFUL_PRESENCE or self.certainty < _DOUBTFUL_CERTAINTY


class Reader(Protocol):
    """What a HandReader can do."""

    @property
    def options(self) -> EngineOptions: ...

    def palms(self, pixels: Pixels, *, confidence: float) -> list[Palm]: ...

    def of_region(self, pixels: Pixels, region: Region, *, presence: float) -> HandReading | None: ...

    def of_palm(self, pixels: Pixels, palm: Palm, *, presence: float) -> HandReading | None: ...


class RegionTracker:
    """Follows each hand by the region that its last landmarks ask for, so that most frames need no palm detector.

    The palm detector runs where no hand is followed or one was lost; every SEARCH_EVERY_SECONDS while there may be
    another hand; and to check what is followed (DOUBT_EVERY_SECONDS where presence or classifier are unsure,
    CHECK_EVERY_SECONDS elsewhere). A hand that is doubtful, or lies otherwise than the palm detector says, is read
    again from the detection, and the better reading is kept.
    """

    def __init__(self, reader: Reader, *, judge: Judge | None = None) -> None:
        self._reader = reader
        self._judge = judge
        self._options = reader.options
        self.state = TrackingState()

    def find(self, pixels: Pixels, *, at_seconds: float, sequence: int) -> Sequence[FoundHand]:
        state = self.state
        height, width = pixels.shape[:2]
        # A clock that is set back must not put off the next search.
        searched = min(state.searched_at_seconds, at_seconds)
        sightings, lost = self._follow(pixels, at_seconds=at_seconds)
        if self._wants_search(sightings, newly_lost=len(lost) > 0, since_seconds=at_seconds - searched):
            searched = at_seconds
            for palm in self._reader.palms(pixels, confidence=DETECTION_CONFIDENCE):
                self._consider(pixels, palm, sightings)
        remembered = (*lost, *(one for one in state.lost if 0 <= at_seconds - one.at_seconds <= REMEMBER_SECONDS))
        followed: list[TrackedHand] = []
        found: list[FoundHand] = []
        for sighting in _distinct(sightings):
            track_id = sighting.track_id
            if track_id is None:
                fresh = sequence * MAX_HANDS + len(found)
                track_id, remembered = _identify(sighting.reading, remembered, fresh=fresh)
            hand = sighting.reading.found(
                width=width, height=height, detection_score=sighting.detection_score, track_id=track_id
            )
            found.append(hand)
            followed.append(TrackedHand(region=sighting.reading.next_region, track_id=track_id))
        kept = tuple(one for one in remembered if one.track_id not in {hand.track_id for hand in followed})
        self.state = TrackingState(hands=tuple(followed), lost=kept, searched_at_seconds=searched)
        return found

    def rate(self, certainties: Sequence[float]) -> None:
        """How sure the classifier was of each hand that `find` gave last, 0..1."""
        hands = tuple(
            replace(hand, certainty=certainty) for hand, certainty in zip(self.state.hands, certainties, strict=True)
        )
        self.state = replace(self.state, hands=hands)

    def close(self) -> None:
        self.state = TrackingState()

    def _follow(self, pixels: Pixels, *, at_seconds: float) -> tuple[list[_Sighting], list[LostHand]]:
        sightings, lost = [], []
        for hand in self.state.hands:
            reading = self._reader.of_region(pixels, hand.region, presence=PRESENCE_CONFIDENCE)
            if reading is None:
                lost.append(LostHand(region=hand.region, track_id=hand.track_id, at_seconds=at_seconds))
            else:
                sightings.append(_Sighting(reading, track_id=hand.track_id, certainty=hand.certainty))
        return sightings, lost

    def _wants_search(self, sightings: Sequence[_Sighting], *, newly_lost: bool, since_seconds: float) -> bool:
        if not sightings or newly_lost:
            return True
        if len(sightings) < self._options.max_hands and since_seconds >= SEARCH_EVERY_SECONDS:
            return True
        if not self._options.second_readings:
            return False
        doubtful = any(one.is_doubtful for one in sightings)
        return since_seconds >= (DOUBT_EVERY_SECONDS if doubtful else CHECK_EVERY_SECONDS)

    def _consider(self, pixels: Pixels, palm: Palm, sightings: list[_Sighting]) -> None:
        """Add the hand of a detected palm, or read the one that is there better."""
        known = next((one for one in sightings if _covers(one.reading, palm)), None)
        if known is None:
            if len(sightings) < self._options.max_hands:
                reading = self._reader.of_palm(pixels, palm, presence=PRESENCE_CONFIDENCE)
                if reading is not None:
                    sightings.append(_Sighting(reading, detection_score=palm.score))
        elif (
            self._options.second_readings
            and known.track_id is not None
            and (known.is_doubtful or not _is_consistent(known.reading, palm))
        ):
            second = self._reader.of_palm(pixels, palm, presence=PRESENCE_CONFIDENCE)
            if second is not None and self._is_better(second, known.reading, pixels):
                known.reading = second

    def _is_better(self, second: HandReading, first: HandReading, pixels: Pixels) -> bool:
        if second.distance_px(first) < _AGREEING_PALMS * first.palm_px:
            return False
        height, width = pixels.shape[:2]

        def quality(reading: HandReading) -> float:
            hand = reading.found(width=width, height=height)
            certainty = 1.0 if self._judge is None else self._judge(hand, width=width, height=height)
            return reading.presence * certainty

        return quality(second) > quality(first)


def _identify(
    reading: HandReading, remembered: tuple[LostHand, ...], *, fresh: int
) -> tuple[int, tuple[LostHand, ...]]:
    """The track id of a hand that was detected, `fresh` where it is a new one; and the lost hands without it."""
    x, y = reading.points_px.mean(axis=0)
    for lost in remembered:
        if math.hypot(lost.region.x_px - x, lost.region.y_px - y) < lost.region.size_px / 2:
            return lost.track_id, tuple(one for one in remembered if one is not lost)
    return fresh, remembered


def _is_consistent(reading: HandReading, palm: Palm) -> bool:
    apart = reading.points_px[_KEYPOINT_LANDMARKS] - palm.keypoints_px
    return float(np.hypot(*apart.T).mean()) < _CONSISTENT_PALMS * reading.palm_px


def _covers(reading: HandReading, palm: Palm) -> bool:
    """Whether a detected palm is that of a hand: its middle lies nearer to the palm's than half the hand's size."""
    palm_middle = reading.points_px[[0, 5, 17]].mean(axis=0)
    return math.dist(palm_middle, palm.centre_px) < reading.size_px / 2


def _distinct(sightings: Sequence[_Sighting]) -> list[_Sighting]:
    """Without those that have run together with another; the one followed for longest stays."""
    kept: list[_Sighting] = []
    for sighting in sightings:
        if not any(is_same_hand(sighting.reading, other.reading) for other in kept):
            kept.append(sighting)
    return kept
