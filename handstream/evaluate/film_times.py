"""Between the times of a film and the times of capture of its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from evaluation.film.events import ShownEvent
from events.frame import Mode
from events.gesture import GestureEvent, Phase
from producers.source import Shot
from producers.video import VideoFile


class TimedFilm:
    """A Source of a film's frames whose times of capture are exactly those of the film, beginning at `began_at`.

    So the stream sees the same times whether frames are published in time, late or all at once, and without Kafka.
    """

    def __init__(self, video: VideoFile, *, began_at: datetime) -> None:
        self._video = video
        self._began_at = began_at

    @property
    def mode(self) -> Mode:
        return self._video.mode

    @property
    def total(self) -> int | None:
        return self._video.total

    def shots(self) -> Iterator[Shot]:
        for shot in self._video.shots():
            yield replace(shot, captured_at=self._began_at + timedelta(seconds=shot.at_seconds))

    def close(self) -> None:
        self._video.close()


def shown_events(events: Iterable[GestureEvent], *, began_at: datetime) -> tuple[ShownEvent, ...]:
    """Each event that starts, with the one that ends it, in seconds of the film. Those that come twice count once."""
    each = {event.id: event for event in events}.values()
    ends = [event for event in each if event.phase is Phase.ENDED]
    shown = []
    for event in each:
        if event.phase is Phase.STARTED:
            end = _end_of(event, ends)
            if end is not None:
                ends.remove(end)
            shown.append(
                ShownEvent(
                    gesture=event.gesture,
                    hand=event.hand,
                    started_seconds=(event.settled_at - began_at).total_seconds(),
                    ended_seconds=None if end is None else (end.settled_at - began_at).total_seconds(),
                )
            )
    return tuple(shown)


def _end_of(event: GestureEvent, ends: Iterable[GestureEvent]) -> GestureEvent | None:
    """Of several hands that began the same gesture in the same frame, the same track, else the same hand. A hand that
    was lost and found again may have another track by then, and be taken for the other hand."""
    fitting = [one for one in ends if (one.gesture, one.started_at) == (event.gesture, event.started_at)]
    return max(fitting, key=lambda one: (one.track_id == event.track_id, one.hand == event.hand), default=None)
