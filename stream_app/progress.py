"""Whether the worker gets on with what waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from events.record import Position
from stream_app.end import End

PATIENCE_SECONDS = 10.0

Partition = tuple[str, int]


@dataclass(slots=True)
class _State:
    """next: offset of the record to be finished next, as far as is known. since: of the last sign of progress."""

    assignment: int
    next: int
    end: int
    since: float


class Progress:
    """Keeps which records are in hand, and since when those that wait have waited without one being finished.

    Written to by the event loop, asked from any thread. clock: monotonic seconds. in_hand: told at each change which
    records are being processed, the oldest first.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        in_hand: Callable[[Iterable[Position]], object] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._tell_in_hand = in_hand
        self._in_hand: dict[Position, float] = {}
        self._partitions: dict[Partition, _State] = {}
        self._answered_at = clock()
        self._newest_answer = 0.0

    def began(self, position: Position) -> None:
        """The record is being processed."""
        self._in_hand[position] = self._clock()
        self._tell_in_hand(self._in_hand)

    def processed(self, position: Position) -> None:
        """Its processing returned or raised."""
        self._in_hand.pop(position, None)
        self._tell_in_hand(self._in_hand)

    def finished(self, position: Position) -> None:
        """The broker has its outcome."""
        state = self._partitions.get((position.topic, position.partition))
        self._answered_at = self._clock()
        if state is not None:
            state.next, state.since = position.offset + 1, self._answered_at

    def look(self, ends: Mapping[Partition, End]) -> None:
        """Compare with what the broker says. ends: of the partitions that are ours just now."""
        now = self._clock()
        for partition in [one for one in self._partitions if one not in ends]:
            del self._partitions[partition]
        for partition, end in ends.items():
            state = self._partitions.get(partition)
            if state is None or state.assignment != end.assignment:
                self._partitions[partition] = state = _State(end.assignment, end.read, end.records_end, now)
            state.end = end.records_end
            if state.next >= state.end:
                state.since = now
            if end.at > self._newest_answer:
                self._newest_answer, self._answered_at = end.at, now

    def partitions(self) -> int:
        """How many are ours."""
        return len(self._partitions)

    def longest_in_hand_seconds(self) -> float:
        """How long the record that is being processed longest is at it; 0 where none is."""
        now = self._clock()
        return max((now - began for began in list(self._in_hand.values())), default=0.0)

    def assigned(self) -> str | None:
        """A check: fails without partitions."""
        return None if self._partitions else "no partition is assigned to this worker"

    def recent(self) -> str | None:
        """A check: fails where records wait and none was finished for a while, or the broker says nothing any more."""
        now = self._clock()
        for (topic, number), state in list(self._partitions.items()):
            waited = now - state.since
            if waited > PATIENCE_SECONDS:
                return (
                    f"{state.end - state.next} records wait in {topic}/{number}, none was finished for {waited:.0f} s"
                )
        silent = now - self._answered_at
        return f"the broker has not answered for {silent:.0f} s" if silent > PATIENCE_SECONDS else None
