from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from tenacity import wait_none

from events.frame import Mode
from producers.capture import Capture
from producers.live_camera import LiveCamera
from producers.picture import JpegEncoder, Picture
from producers.source import SourceError
from producers.webcam import webcam
from tests.logged import lines
from tests.producers.pictures import picture, shade_of


class ScriptedCapture:
    """A Capture that gives a picture of each shade, calls what stands between them, and is lost at the end."""

    def __init__(self, steps: Iterable[int | Callable[[], object]]) -> None:
        self._steps = iter(steps)
        self.released = False

    def read(self) -> Picture | None:
        for step in self._steps:
            if isinstance(step, int):
                return picture(shade=step)
            step()
        return None

    def release(self) -> None:
        self.released = True


class ScriptedOpener:
    """Opens the captures one after the other; a string is the fault of an attempt."""

    def __init__(self, captures: list[Capture | str]) -> None:
        self._captures = captures
        self.calls = 0

    def __call__(self) -> Capture:
        self.calls += 1
        found = self._captures.pop(0) if self._captures else "camera is away"
        if isinstance(found, str):
            raise SourceError(found)
        return found


def camera(opener: Callable[[], Capture], *, give_up_seconds: float = 30.0) -> LiveCamera:
    return LiveCamera(
        opener,
        name="cam",
        encoder=JpegEncoder(),
        give_up_seconds=give_up_seconds,
        pause_seconds=0.0,
        backoff=wait_none(),
    )


def test_a_slow_reader_gets_the_newest_picture() -> None:
    taken, all_read, done = threading.Event(), threading.Event(), threading.Event()
    capture = ScriptedCapture([10, taken.wait, 50, 100, 150, 200, all_read.set, done.wait])
    live = camera(ScriptedOpener([capture]))
    shots = live.shots()
    assert shade_of(next(shots).image) == 10
    taken.set()
    assert all_read.wait(10)
    assert shade_of(next(shots).image) == 200
    live.close()
    done.set()
    assert list(shots) == []
    assert capture.released
    assert (live.mode, live.total) == (Mode.LIVE, None)


def test_a_lost_camera_is_opened_again_until_it_is_back(caplog: pytest.LogCaptureFixture) -> None:
    taken, done = threading.Event(), threading.Event()
    first = ScriptedCapture([10, taken.wait])
    opener = ScriptedOpener([first, "camera is away", ScriptedCapture([]), ScriptedCapture([200, done.wait])])
    live = camera(opener)
    shots = live.shots()
    before = next(shots)
    taken.set()
    after = next(shots)
    assert (shade_of(before.image), shade_of(after.image)) == (10, 200)
    assert after.at_seconds >= before.at_seconds
    assert after.captured_at is not None
    assert before.captured_at is not None
    assert after.captured_at >= before.captured_at
    assert first.released
    assert opener.calls == 4
    live.close()
    done.set()
    messages = lines(caplog.records)
    assert messages[0] == "camera was lost; trying to get it back camera=cam"
    assert messages[1:-1] == ["camera is still away camera=cam next_try_seconds=0.0"] * 2
    assert messages[-1] == "camera is back camera=cam"


def test_a_camera_that_cannot_be_opened_the_first_time_is_an_error_at_once() -> None:
    opener = ScriptedOpener(["camera cam cannot be opened"])
    with pytest.raises(SourceError, match="cannot be opened"):
        next(camera(opener).shots())
    assert opener.calls == 1


def test_a_camera_that_opens_and_gives_nothing_is_an_error() -> None:
    capture = ScriptedCapture([])
    with pytest.raises(SourceError, match="camera cam gives no picture"):
        next(camera(ScriptedOpener([capture])).shots())
    assert capture.released


def test_a_camera_that_stays_away_is_given_up() -> None:
    live = camera(ScriptedOpener([ScriptedCapture([10])]), give_up_seconds=0.05)
    with pytest.raises(SourceError, match="camera is away"):
        list(live.shots())


def test_closing_ends_the_tries_to_get_a_camera_back() -> None:
    taken = threading.Event()
    live = camera(ScriptedOpener([ScriptedCapture([10, taken.wait])]))
    shots = live.shots()
    next(shots)
    taken.set()
    live.close()
    assert list(shots) == []


def test_a_fault_of_the_driver_shows_no_text_that_may_hold_a_password() -> None:
    def explode() -> None:
        raise RuntimeError("rtsp://user:secret@camera")

    with pytest.raises(SourceError, match="camera cam failed: RuntimeError"):
        list(camera(ScriptedOpener([ScriptedCapture([10, explode])])).shots())


class Device:
    """What cv2.VideoCapture is to a webcam."""

    def __init__(self, *, opens: bool) -> None:
        self.opens = opens
        self.asked: list[object] = []
        self.released = False

    def __call__(self, device: int | str) -> Device:
        self.asked.append(device)
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def set(self, _property: int, _value: float) -> bool:
        return True

    def read(self) -> tuple[bool, Picture | None]:
        return True, picture(shade=99)

    def release(self) -> None:
        self.released = True


@pytest.mark.parametrize(("named", "asked"), [("0", 0), ("2", 2), ("/dev/video1", "/dev/video1")])
def test_a_webcam_is_named_by_number_or_path(named: str, asked: int | str) -> None:
    device = Device(opens=True)
    live = webcam(named, encoder=JpegEncoder(), open_device=device)
    shots = live.shots()
    shot = next(shots)
    live.close()
    assert device.asked == [asked]
    assert (shot.source, shade_of(shot.image)) == (f"webcam:{named}", 99)
    assert list(shots) == []
    assert device.released


def test_a_named_pipe_is_no_webcam_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="is a named pipe, not a camera"):
        list(webcam(str(tmp_path / "pipe"), encoder=JpegEncoder()).shots())


def test_a_webcam_that_cannot_be_opened_says_why_that_may_be() -> None:
    device = Device(opens=False)
    with pytest.raises(SourceError, match="camera 7 cannot be opened: it is not there, in use, or not allowed"):
        next(webcam("7", encoder=JpegEncoder(), open_device=device).shots())
    assert device.released
