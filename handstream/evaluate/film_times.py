"""Between the times of a film and the times of capture of its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from evaluation.film.events import ShownEvent
from events.frame import Mode
from events.gesture import GestureEvent, Phase
from events.prediction import Handedness
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
    ends = {_held(event): event.settled_at for event in each if event.phase is Phase.ENDED}
    shown = []
    for event in each:
        if event.phase is Phase.STARTED:
            ended_at = ends.get(_held(event))
            shown.append(
                ShownEvent(
                    gesture=event.gesture,
                    hand=event.hand,
                    started_seconds=(event.settled_at - began_at).total_seconds(),
                    ended_seconds=None if ended_at is None else (ended_at - began_at).total_seconds(),
                )
            )
    return tuple(shown)


def _held(event: GestureEvent) -> tuple[int | None, Handedness | None, str, datetime]:
    """What an event and the one that ends it have in common. A hand that is followed may change its handedness."""
    hand = event.hand if event.track_id is None else None
    return event.track_id, hand, event.gesture, event.started_at
