"""`handstream produce replay`: frames of a topic once more, on a real Kafka."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from events.examples import example_frame, example_stream_end
from events.frame import Frame, Mode
from events.record import Record
from events.stream_end import STREAM_END_TYPE, decode_stream_end
from events.topics import TopicNames
from producers.cli import app
from producers.replay import Range, TopicReplay
from producers.source import SourceError
from settings import Settings
from tests.handstream.records import publish
from tests.producers.consuming import frame_of
from tests.stream_app.worker_process import receive

pytestmark = pytest.mark.broker

BEGAN = datetime.now(UTC) - timedelta(minutes=20)
PER_CAMERA = 60


def frame(camera: str, number: int, *, seconds: float, **changes: Any) -> Frame:
    return replace(
        example_frame(),
        image=b"\xff\xd8" + f"{camera} {number}".encode(),
        camera=camera,
        run="then",
        sequence=number + 500,
        captured_at=BEGAN + timedelta(seconds=seconds),
        **changes,
    )


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """Two cameras, each in its partition, 20 frames a second; then a still, a stream end and what is no frame."""
    topic = TopicNames(settings.topic_prefix).frames
    for partition, camera in enumerate(("desk", "door")):
        frames = [frame(camera, number, seconds=number * 0.05 + partition * 0.02) for number in range(PER_CAMERA)]
        publish(settings, topic, [one.to_record() for one in frames], partition=partition)
    still = frame("photos", 0, seconds=60, mode=Mode.STILL, key="a.jpg", label=None, retries=2)
    publish(settings, topic, [still.to_record(), example_stream_end().to_record()], partition=0)
    publish(settings, topic, [Record(key=None, value=b"x", headers=())], partition=1)
    return settings


def replay(settings: Settings, *arguments: object) -> Result:
    environment = {
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
    }
    return CliRunner().invoke(app, ["replay", "--json", *map(str, arguments)], env=environment)


def test_all_frames_come_once_more_as_a_run_of_their_own(filled: Settings) -> None:
    before = datetime.now(UTC)
    done = replay(filled, "--speed", 0)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert (figures["published"], figures["stream_ended"]) == (2 * PER_CAMERA + 1, True)
    assert "a malformed record" in done.stderr

    records = receive(filled, TopicNames(filled.topic_prefix).frames, 4 * PER_CAMERA + 6)
    ends = [one for one in records if dict(one.headers).get("ce_type") == STREAM_END_TYPE.encode()]
    assert [_run(end) for end in ends].count(figures["run"]) == filled.partitions
    frames = [one for one in records if one.headers and one not in ends]
    originals = {f"{one.topic}/{one.partition}/{one.offset}": one for one in frames if frame_of(one).run == "then"}
    again = [one for one in frames if frame_of(one).run == figures["run"]]
    assert len(again) == len(originals) == 2 * PER_CAMERA + 1
    for record in again:
        new = frame_of(record)
        assert new.origin is not None
        old_record = originals.pop(str(new.origin.position))
        old = frame_of(old_record)
        assert (record.key, record.value) == (old_record.key, old_record.value)
        assert (new.camera, new.source, new.width, new.label) == (old.camera, old.source, old.width, old.label)
        assert new.mode is (Mode.STILL if old.camera == "photos" else Mode.RECORDED)
        assert (new.origin.run, new.origin.captured_at, new.retries) == ("then", old.captured_at, 0)
        assert before <= new.captured_at <= datetime.now(UTC)
        assert new.is_sent_again
    for camera in ("desk", "door"):
        of_camera = [one for one in map(frame_of, again) if one.camera == camera]
        assert [one.sequence for one in of_camera] == list(range(PER_CAMERA))
        assert [one.image[2:].decode() for one in of_camera] == [f"{camera} {n}" for n in range(PER_CAMERA)]


def test_a_part_is_chosen_by_camera_time_and_offset(filled: Settings) -> None:
    topic = TopicNames(filled.topic_prefix).frames

    def images(part: Range) -> list[str]:
        return [shot.image[2:].decode() for shot in TopicReplay(filled, topic=topic, part=part).shots()]

    second = timedelta(seconds=1)
    both = images(Range(since=BEGAN + second, until=BEGAN + second * 1.2))
    assert both == [f"{camera} {number}" for number in range(20, 24) for camera in ("desk", "door")]
    assert images(Range(cameras=frozenset({"photos"}))) == ["photos 0"]
    assert images(Range(partition=1, from_offset=5, to_offset=7)) == ["door 5", "door 6"]
    assert images(Range(partition=0, from_offset=58, until=BEGAN + second * 59)) == ["desk 58", "desk 59"]
    whole = TopicReplay(filled, topic=topic, part=Range())
    assert whole.total == 2 * PER_CAMERA + 3
    times = [shot.at_seconds for shot in whole.shots()]
    assert times == sorted(times)
    # The second camera began a moment later. What was sent back waits for nothing.
    assert [times[1], times[-1]] == pytest.approx([0.02, (PER_CAMERA - 1) * 0.05 + 0.02], abs=1e-5)
    assert whole.total == len(times)
    for part, word in (
        (Range(until=BEGAN - second), "nothing in that range"),
        (Range(since=BEGAN + second * 90), "nothing in that range"),
        (Range(partition=7), "partition 7"),
    ):
        with pytest.raises(SourceError, match=word):
            images(part)


def test_a_camera_whose_clock_is_ahead_hides_no_other_and_stops_no_pace(settings: Settings) -> None:
    topic = TopicNames(settings.topic_prefix).frames
    ahead = timedelta(minutes=30)
    # In the partition of desk, and in one of its own.
    for partition, name in enumerate(("fast", "faster")):
        desk = [frame("desk", number, seconds=number) for number in range(4)] if partition == 0 else []
        fast = [frame(name, number, seconds=number + ahead.total_seconds()) for number in range(4)]
        mixed = sorted((*desk, *fast), key=lambda one: one.sequence)
        publish(settings, topic, [one.to_record() for one in mixed], partition=partition)
    sent_back = replace(frame("desk", 1, seconds=1.5, retries=1).to_record(), timestamp_ms=int(time.time() * 1000))
    publish(settings, topic, [sent_back], partition=0)

    def shots(part: Range) -> list[tuple[str, float]]:
        source = TopicReplay(settings, topic=topic, part=part)
        found = [(shot.image[2:].decode(), round(shot.at_seconds, 3)) for shot in source.shots()]
        assert source.total == len(found)
        return found

    second = timedelta(seconds=1)
    chosen = shots(Range(since=BEGAN + second, until=BEGAN + 3 * second, partition=0))
    assert [name for name, _ in chosen] == ["desk 1", "desk 2", "desk 1"], "the last one was sent back"
    chosen = shots(Range(since=BEGAN + ahead + second, until=BEGAN + ahead + 3 * second))
    assert chosen == [("fast 1", 0), ("faster 1", 0), ("fast 2", 1), ("faster 2", 1)]
    assert shots(Range(until=BEGAN + ahead)) == [*((f"desk {number}", number) for number in range(4)), ("desk 1", 3)]
    # Alone in its partition, nothing tells that its clock is wrong: it comes last, and nobody waits for it for long.
    assert [at_seconds for _, at_seconds in shots(Range())] == [0, 0, 1, 1, 2, 2, 3, 3, 3, 63, 64, 65, 66]


def test_a_camera_that_began_later_than_others_begins_later_in_a_replay_too(settings: Settings) -> None:
    topic = TopicNames(settings.topic_prefix).frames
    desk = [frame("desk", number, seconds=10 * number) for number in range(4)]
    beside = [frame("beside", number, seconds=15 + number) for number in range(2)]
    door = [frame("door", number, seconds=25 + number) for number in range(2)]
    arrived = sorted((*desk, *beside), key=lambda one: one.captured_at)
    publish(settings, topic, [one.to_record() for one in arrived], partition=0)
    publish(settings, topic, [one.to_record() for one in door], partition=1)

    found = [
        (shot.image[2:].decode(), round(shot.at_seconds, 3))
        for shot in TopicReplay(settings, topic=topic, part=Range()).shots()
    ]

    assert found == [
        ("desk 0", 0), ("desk 1", 10), ("beside 0", 15), ("beside 1", 16),
        ("desk 2", 20), ("door 0", 25), ("door 1", 26), ("desk 3", 30),
    ]  # fmt: skip


def test_it_keeps_the_original_pace_or_a_faster_one_and_says_what_it_cannot_do(filled: Settings) -> None:
    began = time.monotonic()
    done = replay(filled, "--camera", "desk", "--limit", 41, "--speed", 2)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert figures["published"] == 41
    assert 0.95 <= figures["seconds"] <= time.monotonic() - began
    for arguments, code, word in (
        (("--topic", "nowhere"), 2, "'nowhere'"),
        (("--until", "2h"), 2, "nothing in that range"),
    ):
        refused = replay(filled, *arguments)
        assert (refused.exit_code, word in refused.stderr) == (code, True), refused.output
    nowhere = replay(filled.model_copy(update={"broker": "127.0.0.1:9"}))
    assert nowhere.exit_code == 1
    assert "127.0.0.1:9" in nowhere.stderr


def _run(end: Any) -> str:
    return decode_stream_end(value=end.value, headers=end.headers).run
