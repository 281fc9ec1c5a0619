"""Debouncing by time: from a gesture in every frame to gestures that start and end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from events.gesture import Phase
from events.held import Held
from events.prediction import Hand
from recognition.followed_hand import FollowedHand, HandKey, hands_by_key, held_key


@dataclass(frozen=True, slots=True, kw_only=True)
class DebounceTimes:
    """When a gesture counts, in time of capture. Raises ValueError unless both are positive.

    hold: how long a hand must show a gesture for it to start, and must not show it for it to end.
    silence: what is held ends when the camera sends no frame for longer than this.
    """

    hold: timedelta = timedelta(seconds=0.25)
    silence: timedelta = timedelta(seconds=1)

    def __post_init__(self) -> None:
        for name, value in (("hold", self.hold), ("silence", self.silence)):
            if value <= timedelta(0):
                raise ValueError(f"{name} must be greater than 0, not {value.total_seconds():g} s")

    @property
    def longest_step(self) -> timedelta:
        """The most that one frame counts for: half of the hold time, so that no single frame starts or ends a gesture.

        Rounded up to a microsecond, so that two such frames are always enough.
        """
        return -(-self.hold // 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureChange:
    """A gesture of one hand started or ended. held: the gesture and its figures. at: capture of the deciding frame."""

    phase: Phase
    held: Held
    at: datetime


class GestureDebouncer:
    """Follows the hands before one camera, by track id, or by handedness where there are no track ids.

    For each hand and gesture it keeps a level: the time in which the hand showed the gesture less the time in which it
    did not, never below 0 and never above the hold time. A frame counts for the time since the frame before, or a part
    of it where the gesture is named with little confidence. A gesture starts when its level reaches the hold time and
    ends when the level is back at 0. Between the two lies the hysteresis: frames that are missed or misread delay, but
    neither start nor end anything.

    The levels of one hand add up to the hold time at most, since what one gesture gains the others lose. So a hand
    holds one gesture at a time, and a gesture ends when another one starts.
    """

    def __init__(self, times: DebounceTimes | None = None) -> None:
        self._times = times or DebounceTimes()
        self._followed: list[FollowedHand] = []
        self._last_at: datetime | None = None

    def update(self, hands: Sequence[Hand], *, at: datetime) -> tuple[GestureChange, ...]:
        """What changes with the next frame. hands: all that it shows, with or without a gesture. at: its capture."""
        changes = list(self.expire(now=at))
        step = self._step(at)
        shown = hands_by_key(hands)
        self._follow(shown)
        for followed in self._followed:
            counted = followed.count(shown.get(followed.key), at=at, step=step, hold=self._times.hold)
            changes += [GestureChange(phase=phase, held=held, at=at) for phase, held in counted]
        self._followed = [one for one in self._followed if one.key in shown or one.has_evidence]
        return tuple(changes)

    def expire(self, *, now: datetime) -> tuple[GestureChange, ...]:
        """What has ended because no frame came for long. now: by the clock that the frames' times are of."""
        if self._last_at is None or abs(now - self._last_at) <= self._times.silence:
            return ()
        return self.finish(at=now)

    def finish(self, *, at: datetime | None = None) -> tuple[GestureChange, ...]:
        """End whatever is held: no frame comes any more. at: of the changes; by default when it was last shown."""
        ended = [GestureChange(phase=Phase.ENDED, held=held, at=at or held.last_at) for held in self.held]
        self._followed, self._last_at = [], None
        return tuple(ended)

    @property
    def held(self) -> tuple[Held, ...]:
        """What has started and not ended."""
        return tuple(followed.held for followed in self._followed if followed.held is not None)

    def resume(self, held: Iterable[Held]) -> None:
        """Hold just this, as another debouncer did after the same frame."""
        by_key = {held_key(one): one for one in held}
        known = {followed.key for followed in self._followed}
        self._followed += [FollowedHand(key=key, handedness=by_key[key].hand) for key in by_key if key not in known]
        for followed in self._followed:
            followed.resume(by_key.get(followed.key), hold=self._times.hold)

    def _step(self, at: datetime) -> timedelta:
        """What a frame counts for: the time since the newest one. Times that repeat or go back a little count for 0."""
        last_at = at if self._last_at is None else self._last_at
        self._last_at = max(last_at, at)
        return min(self._last_at - last_at, self._times.longest_step)

    def _follow(self, shown: Mapping[HandKey, Hand]) -> None:
        """Find out which followed hand each of a frame's hands is.

        A key that is new goes on with a hand whose own key is missing in the frame: the nearest of those that are
        nearby or of the same handedness. So a gesture outlasts a track that is lost and found again, and a worker that
        takes the camera over and starts new tracks.
        """
        missing = [followed for followed in self._followed if followed.key not in shown]
        by_key = {followed.key: followed for followed in self._followed}
        for key, hand in shown.items():
            followed = by_key.get(key)
            if followed is None:
                followed = min(
                    (one for one in missing if one.may_be(hand)), key=lambda one: one.distance(hand), default=None
                )
                if followed is None:
                    followed = FollowedHand(key=key, handedness=hand.handedness)
                    self._followed.append(followed)
                else:
                    missing.remove(followed)
            followed.see(hand, key=key)
