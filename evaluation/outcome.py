"""One labelled picture, and what was made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from evaluation.label_set import accepted
from events.frame import Mode
from events.prediction import NO_GESTURE, Hand, Prediction, Timings

# The outcome of a picture without a hand. No class can bear this name: it has a space.
NO_HAND = "no hand"


class Miss(StrEnum):
    """What went wrong. The worst comes first: a gesture that nobody made is acted upon."""

    WRONG = "another gesture"
    REJECTED = "no gesture"
    UNSEEN = "no hand"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A label, and what was said instead of it or as well.

    label: a gesture or `no_gesture`, as whoever took the picture says; or a set of them, `palm+stop`, of which each is
        right.
    gesture: what was said of the main hand; None where no hand was found.
    confidence: probability of that, 0..1, as the prediction has it; 0 without a hand.
    place: where the picture is, for the reader: a file, or topic/partition/offset.
    group: what figures are broken down by: the camera, the folder or the film.
    source: file or camera that it came from. is_still: it has nothing to do with the picture before it.
    several: more than one hand was found.
    hands: what was found, kept only of a miss, to be drawn. width, height: pixels; 0 where not known.
    """

    label: str
    gesture: str | None
    confidence: float = 0.0
    id: str = ""
    place: str = ""
    camera: str = ""
    group: str = ""
    run: str = ""
    sequence: int = 0
    source: str = ""
    model: str = ""
    is_still: bool = True
    several: bool = False
    hands: tuple[Hand, ...] = ()
    main_hand: Hand | None = None
    width: int = 0
    height: int = 0
    timings_ms: Timings | None = None

    @classmethod
    def of(cls, prediction: Prediction, *, place: str, group: str | None = None) -> Self:
        """Of a prediction with a label. The hand that counts is its main hand. group: its camera where not given.

        Raises ValueError without a label.
        """
        if prediction.label is None:
            raise ValueError(f"prediction {prediction.id} has no label")
        hand = prediction.main_hand
        # A thousand frames' landmarks take megabytes, and those of a hand rightly named are never drawn.
        right = (prediction.gesture or NO_GESTURE) in accepted(prediction.label)
        return cls(
            label=prediction.label,
            gesture=prediction.gesture,
            confidence=0.0 if hand is None else hand.confidence,
            id=prediction.id,
            place=place,
            camera=prediction.camera,
            group=prediction.camera if group is None else group,
            run=prediction.run,
            sequence=prediction.sequence,
            source=prediction.source,
            model=f"{prediction.model.name} {prediction.model.version} ({prediction.model.sha256[:12]})",
            is_still=prediction.mode is Mode.STILL,
            several=len(prediction.hands) > 1,
            hands=() if right else prediction.hands,
            main_hand=None if right else hand,
            width=prediction.width or 0,
            height=prediction.height or 0,
            timings_ms=prediction.timings_ms,
        )

    @property
    def has_hand(self) -> bool:
        return self.gesture is not None

    @property
    def named(self) -> str:
        """The gesture as whoever acts on it sees it: without a hand there is no gesture."""
        return self.gesture or NO_GESTURE

    @property
    def said(self) -> str:
        """As named, with `no hand` as an outcome of its own."""
        return self.gesture or NO_HAND

    @property
    def is_right(self) -> bool:
        return self.named in accepted(self.label)

    @property
    def shows_gesture(self) -> bool:
        """Whether a gesture must be named; a set with `no_gesture` in it leaves that open."""
        return NO_GESTURE not in accepted(self.label)

    @property
    def names_gesture(self) -> bool:
        return self.named != NO_GESTURE

    @property
    def miss(self) -> Miss | None:
        """None where it is right."""
        if self.is_right:
            return None
        if self.gesture is None:
            return Miss.UNSEEN
        return Miss.REJECTED if self.gesture == NO_GESTURE else Miss.WRONG


def by_severity(misses: list[Outcome]) -> list[Outcome]:
    """Another gesture first, the most confident of them at the top; then those without a gesture or a hand."""
    order = list(Miss)
    return sorted(misses, key=lambda one: (order.index(one.miss or Miss.UNSEEN), -one.confidence, one.place))
