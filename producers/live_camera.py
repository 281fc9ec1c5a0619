"""A camera that runs in real time: the newest picture, and back again when it was lost."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_delay, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_base, wait_exponential_jitter

from events.frame import Mode
from producers.capture import Capture
from producers.latest import Latest
from producers.pacing import Pace
from producers.picture import JpegEncoder, Picture
from producers.source import Shot, SourceError

RELEASE_SECONDS = 2.0

logger = logging.getLogger("handstream.producer")


@dataclass(frozen=True, slots=True)
class _Moment:
    picture: Picture
    captured_at: datetime
    at_seconds: float


class LiveCamera:
    """A Source that reads a camera in a thread and yields the newest picture there is.

    A slow reader misses pictures instead of getting old ones: nothing queues here or in the camera's own buffer.

    open_capture: opens the camera; raises SourceError, whose message shows no credentials. A camera that cannot be
    opened the first time is an error; one that is lost later is opened again with growing pauses.
    name: what the camera is called in records and messages; credentials redacted.
    rate_hz: at most so many pictures a second; None takes all.
    give_up_seconds: how long to try to get a lost camera back.
    pause_seconds, backoff: before the first try, and between the tries. The first pause keeps a camera that drops
    every connection soon from being called without end.
    """

    def __init__(
        self,
        open_capture: Callable[[], Capture],
        *,
        name: str,
        encoder: JpegEncoder,
        rate_hz: float | None = None,
        give_up_seconds: float = 300.0,
        pause_seconds: float = 0.5,
        backoff: wait_base | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if rate_hz is not None and not 0 < rate_hz < float("inf"):
            raise ValueError(f"rate_hz must be greater than 0, not {rate_hz}")
        self._open_capture = open_capture
        self._name = name
        self._encoder = encoder
        self._rate_hz = rate_hz
        self._give_up_seconds = give_up_seconds
        self._pause_seconds = pause_seconds
        self._backoff = backoff or wait_exponential_jitter(initial=1.0, max=30.0)
        self._clock = clock
        self._latest: Latest[_Moment] = Latest()
        self._closed = threading.Event()

    @property
    def mode(self) -> Mode:
        return Mode.LIVE

    @property
    def total(self) -> int | None:
        return None

    def shots(self) -> Iterator[Shot]:
        """Yield until close(). The camera is opened here, once: call it a single time."""
        reader = threading.Thread(target=self._read, name="camera", daemon=True)
        reader.start()
        pace = Pace(catch_up=False, clock=self._clock, sleep=self._closed.wait)
        count = 0
        try:
            while True:
                if self._rate_hz is not None:
                    # Before a picture is taken, so that it does not grow old waiting.
                    pace.wait(count / self._rate_hz)
                    count += 1
                moment = self._latest.take()
                if moment is None:
                    return
                encoded = self._encoder.encode(moment.picture)
                yield Shot(
                    image=encoded.image,
                    width=encoded.width,
                    height=encoded.height,
                    at_seconds=moment.at_seconds,
                    captured_at=moment.captured_at,
                    source=self._name,
                )
        finally:
            self.close()
            reader.join(RELEASE_SECONDS)

    def close(self) -> None:
        self._closed.set()
        self._latest.close()

    def _read(self) -> None:
        began: float | None = None
        try:
            connect = self._connect
            while not self._closed.is_set():
                capture, first = connect()
                picture: Picture | None = first
                connect = self._reconnect
                try:
                    while picture is not None and not self._closed.is_set():
                        now = self._clock()
                        began = now if began is None else began
                        self._latest.put(_Moment(picture, datetime.now(UTC), now - began))
                        picture = capture.read()
                finally:
                    capture.release()
                if not self._closed.is_set():
                    logger.warning("camera was lost; trying to get it back", extra={"camera": self._name})
        except SourceError as error:
            self._latest.fail(error)
        except Exception as error:
            # The message of a foreign error may hold the address with its password.
            self._latest.fail(SourceError(f"camera {self._name} failed: {type(error).__name__}"))

    def _connect(self) -> tuple[Capture, Picture]:
        """Open it, and have a first picture: some cameras accept a connection and then give nothing."""
        capture = self._open_capture()
        picture = capture.read()
        if picture is None:
            capture.release()
            raise SourceError(f"camera {self._name} gives no picture")
        return capture, picture

    def _reconnect(self) -> tuple[Capture, Picture]:
        self._closed.wait(self._pause_seconds)
        attempts = Retrying(
            retry=retry_if_exception_type(SourceError),
            wait=self._backoff,
            stop=stop_after_delay(self._give_up_seconds) | stop_when_event_set(self._closed),
            sleep=sleep_using_event(self._closed),
            before_sleep=self._tell_of_retry,
            reraise=True,
        )
        found = attempts(self._connect)
        logger.warning("camera is back", extra={"camera": self._name})
        return found

    def _tell_of_retry(self, state: RetryCallState) -> None:
        pause_seconds = state.next_action.sleep if state.next_action else 0.0
        logger.warning(
            "camera is still away", extra={"camera": self._name, "next_try_seconds": round(pause_seconds, 1)}
        )
