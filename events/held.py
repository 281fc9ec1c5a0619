"""What the hands before a camera hold, as a prediction carries it for a worker that starts again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from events.prediction import Handedness
from events.reason import RecordError
from events.record import Headers
from events.units import Count, Time
from events.value import decode_value

HELD_HEADER: Final = "ce_held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A gesture that has started and not ended. last_at: capture of the last frame that showed it.

    confidence_sum: over `frames`, the frames that showed it; not rounded, so that nothing is lost by a restart.
    level_seconds: what the debouncer counts for it just now, at most the hold time; None counts as all of that.
    """

    hand: Handedness
    gesture: str
    started_at: Time
    last_at: Time
    frames: Annotated[int, Meta(ge=1)]
    confidence_sum: Annotated[float, Meta(ge=0)]
    track_id: Count | None = None
    level_seconds: Annotated[float, Meta(ge=0)] | None = None

    @property
    def confidence(self) -> float:
        """Mean over the frames that showed it, 0..1."""
        return round(self.confidence_sum / self.frames, 4)


def held_headers(held: tuple[Held, ...]) -> Headers:
    return ((HELD_HEADER, _ENCODER.encode(held)),) if held else ()


def decode_held(headers: object) -> tuple[Held, ...]:
    """What a prediction's headers say is held; nothing where they say nothing, or what cannot be read."""
    for name, value in headers if isinstance(headers, list | tuple) else ():
        if name == HELD_HEADER:
            try:
                return decode_value(_DECODER, value, what="list of held gestures")
            except RecordError:
                return ()
    return ()


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[Held, ...])
