"""When dead letters mean that the fault is ours."""

from __future__ import annotations

from dataclasses import replace

from events.stream_end import StreamEnd
from events.topics import TopicNames
from stream_app.dead_letter_share import MAX_CAMERAS, DeadLetterShare
from stream_app.metrics import DEAD_LETTER
from stream_app.outcome import Outcome
from stream_app.processor import FrameProcessor
from tests.stream_app.twins import CAPTURED_AT, TwinRecognizer, frame, incoming

STREAM_ENDED = "stream_end"


def became(status: str, *, camera: str) -> Outcome:
    sent = replace(frame(), camera=camera, image=b"" if status == DEAD_LETTER else b"jpeg")
    end = StreamEnd(run="run1", source="t", partition=3, partitions=4, frames=3, ended_at=CAPTURED_AT)
    record = end.to_record() if status == STREAM_ENDED else sent.to_record()
    processor = FrameProcessor(recognizer=TwinRecognizer(), topics=TopicNames(), clock=lambda: CAPTURED_AT)
    return processor.process(incoming(record))


class Watch:
    """A share and the clock that it goes by."""

    def __init__(self, *, limit: float = 0.5) -> None:
        self.now = 1000.0
        self.share = DeadLetterShare(limit=limit, clock=lambda: self.now)

    def count(self, camera: str, *statuses: str) -> None:
        for status in statuses:
            self.share.count(became(status, camera=camera))


def test_most_cameras_faulty_at_once_are_our_fault() -> None:
    watch = Watch()
    for camera in ("a", "b", "c"):
        watch.count(camera, *[DEAD_LETTER] * 10)
    watch.count("d", *["ok"] * 10)

    assert watch.share.faulty_ratio() == 0.75
    assert watch.share.exceeded()
    assert "3 of 4 cameras" in (watch.share.check() or "")


def test_one_camera_among_others_cannot_exceed_it_however_fast_it_sends() -> None:
    watch = Watch()
    watch.count("broken", *[DEAD_LETTER] * 10_000)
    watch.count("good", "ok", "no_hand", "ok", DEAD_LETTER)

    assert watch.share.faulty_ratio() == 0.5
    assert watch.share.check() is None


def test_the_only_camera_counts_for_itself() -> None:
    watch = Watch()
    watch.count("only", *[DEAD_LETTER] * 20)

    assert watch.share.exceeded()


def test_few_frames_tell_nothing() -> None:
    watch = Watch()
    watch.count("only", *[DEAD_LETTER] * 19, STREAM_ENDED, STREAM_ENDED)

    assert watch.share.faulty_ratio() == 0.0
    assert watch.share.check() is None


def test_it_recovers_a_minute_after_the_last() -> None:
    watch = Watch()
    watch.count("only", *[DEAD_LETTER] * 30)
    watch.now += 59
    assert watch.share.exceeded()

    watch.now += 1
    assert not watch.share.exceeded()
    watch.count("only", *["ok"] * 30)
    assert watch.share.faulty_ratio() == 0.0
    assert watch.share.check() is None


def test_a_share_at_the_limit_is_within_it() -> None:
    watch = Watch(limit=1.0)
    watch.count("only", *[DEAD_LETTER] * 100)

    assert watch.share.check() is None


def test_no_more_cameras_are_kept_than_that() -> None:
    watch = Watch()
    for number in range(3 * MAX_CAMERAS):
        watch.count(f"forged {number}", DEAD_LETTER)
    watch.count("good", "ok")

    assert watch.share.faulty_ratio() == (MAX_CAMERAS - 1) / MAX_CAMERAS
