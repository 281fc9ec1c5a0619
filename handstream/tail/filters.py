"""Which predictions are wanted."""

from __future__ import annotations

from dataclasses import dataclass

from events.prediction import Prediction, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Wanted is what fits every set; an empty set fits all. gestures: of either hand."""

    cameras: frozenset[str] = frozenset()
    gestures: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()

    def matches(self, prediction: Prediction) -> bool:
        return (
            (not self.cameras or prediction.camera in self.cameras)
            and (not self.statuses or prediction.status in self.statuses)
            and (not self.gestures or any(hand.gesture in self.gestures for hand in prediction.hands))
        )
