"""`handstream audit` on a real Kafka."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from audit.run import audit_system
from broker.topics import admin_client
from events.dead_letter import DeadLetter
from events.examples import example_prediction
from events.frame import Frame
from events.reason import Reason
from events.record import Position, Record
from events.stream_end import StreamEnd
from events.topics import TopicNames
from settings import Settings
from tests.handstream.records import publish
from tests.stream_app.twins import CAPTURED_AT, frame
from tests.stream_app.worker_process import environment, send

pytestmark = pytest.mark.broker
OLD = timedelta(minutes=10)


def run(settings: Settings, *arguments: str) -> tuple[int, dict[str, object], str]:
    done = subprocess.run(
        [sys.executable, "-m", "handstream.cli", "audit", "--json", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def commit(settings: Settings, offsets: dict[int, int]) -> None:
    from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition  # noqa: PLC0415

    from broker.clients import kafka_python_options  # noqa: PLC0415

    consumer = KafkaConsumer(**kafka_python_options(settings), group_id=settings.consumer_group)
    topic = TopicNames(settings.topic_prefix).frames
    consumer.assign([TopicPartition(topic, partition) for partition in offsets])
    consumer.commit({TopicPartition(topic, number): OffsetAndMetadata(at, "", -1) for number, at in offsets.items()})
    consumer.close()


def test_it_tells_what_became_of_every_frame(settings: Settings) -> None:
    topics = TopicNames(settings.topic_prefix)
    frames = [frame(sequence=number) for number in range(8)]
    old = replace(frame(sequence=0, camera="old"), captured_at=CAPTURED_AT - OLD)
    end = StreamEnd(run="run1", source="t", partition=0, partitions=1, frames=8, ended_at=CAPTURED_AT)
    send(settings, *(one.to_record() for one in frames), partition=0)
    send(settings, Record(key=None, value=b"", headers=()), end.to_record(), partition=0)
    send(settings, old.to_record(), partition=1)

    def told(number: int) -> Record:
        said = replace(example_prediction(), id=f"{topics.frames}/0/{number}", camera="desk", run="run1")
        return replace(said, sequence=number, captured_at=CAPTURED_AT).to_record(key=b"desk")

    def died(offset: int) -> Record:
        position = Position(topic=topics.frames, partition=0, offset=offset)
        return DeadLetter(
            key=None,
            value=b"",
            headers=frames[offset].to_record().headers if offset < len(frames) else (),
            reason=Reason.EMPTY_IMAGE,
            error="nothing",
            position=position,
            time=CAPTURED_AT,
        ).to_record()

    publish(settings, topics.predictions, [told(number) for number in (0, 1, 3, 2, 1)], partition=0)
    publish(settings, topics.predictions, [end.to_record(), Record(key=None, value=b"{}", headers=())], partition=0)
    publish(settings, topics.dead_letters, [died(4), died(8)], partition=0)
    commit(settings, {0: 7, 1: 1})

    code, report, _ = run(settings)
    totals = report["totals"]
    assert isinstance(totals, dict)
    assert code == 1
    assert {name: totals[name] for name in ("frames", "ok", "dead", "lost", "pending", "duplicated")} == {
        "frames": 10,
        "ok": 4,
        "dead": 2,
        "lost": 3,  # 5 and 6 of desk, the one of the other camera
        "pending": 1,
        "duplicated": 1,
    }
    assert totals["out_of_order"] == 1
    assert report["strays"] == 1
    assert isinstance(report["stream_ends"], dict)
    assert report["stream_ends"]["passed_on"] == 1
    assert report["examples"] == {
        "lost": [f"{topics.frames}/0/5", f"{topics.frames}/0/6", f"{topics.frames}/1/0"],
        "duplicated": [f"{topics.frames}/0/1"],
        "out_of_order": [f"{topics.frames}/0/2"],
    }

    # By the frames' own time: in a long run the test may come much later than they do.
    soon = (CAPTURED_AT - timedelta(minutes=5)).isoformat()
    for arguments in (
        ("--camera", "nobody"),
        ("--to-offset", "0:1", "--to-offset", "1:0", "--since", soon),
        ("--from-offset", "0:7", "--from-offset", "1:1"),
    ):
        code, report, _ = run(settings, *arguments)
        assert (code, report["promises_kept"]) == (0, True), (arguments, report)
    assert run(settings, "--from-offset", "0:1", "--to-offset", "0:1", "--since", soon, "--max-duplicates", "0")[0] == 1
    code, report, _ = run(settings, "--until", soon)
    assert [one["camera"] for one in report["cameras"]] == ["old"]  # type: ignore[attr-defined]

    for arguments, said in (
        (("--from-offset", "9:1"), "has no partition 9"),
        (("--from-offset", "first"), "PARTITION:OFFSET"),
        (("--since", "yesterday"), "yesterday"),
    ):
        code, _, told_user = run(settings, *arguments)
        assert code == 2
        assert said in told_user
        assert "Traceback" not in told_user
    with admin_client(settings) as admin:
        admin.delete_topics([topics.frames])
    code, _, told_user = run(settings)
    assert code == 2
    assert "no topic" in told_user


def test_a_camera_whose_clock_is_ahead_hides_no_other(settings: Settings) -> None:
    topics = TopicNames(settings.topic_prefix)
    minute = timedelta(minutes=1)

    def at(camera: str, number: int, *, minutes: int, **changes: Any) -> Frame:
        captured_at = CAPTURED_AT + minutes * minute
        return replace(frame(sequence=number, camera=camera), captured_at=captured_at, **changes)

    frames = [
        at("desk", 0, minutes=-20),
        at("fast", 0, minutes=11),
        at("desk", 1, minutes=-19),
        at("fast", 1, minutes=12),
        at("desk", 2, minutes=-18),
        at("desk", 3, minutes=-17),
        at("fast", 2, minutes=13),
        at("desk", 4, minutes=-16),
    ]
    sent_back = at("desk", 1, minutes=-19, retries=1)
    send(settings, *(one.to_record() for one in frames), partition=0)
    send(settings, replace(sent_back.to_record(), timestamp_ms=int(CAPTURED_AT.timestamp() * 1000)), partition=0)
    silent = Record(key=None, value=b"", headers=(), timestamp_ms=int((CAPTURED_AT - 17 * minute).timestamp() * 1000))
    send(settings, silent, silent, partition=0)

    def told(offset: int, one: Frame) -> Record:
        said = replace(example_prediction(), id=f"{topics.frames}/0/{offset}", camera=one.camera, run=one.run)
        return replace(said, sequence=one.sequence, captured_at=one.captured_at).to_record(key=b"")

    letter = DeadLetter(
        key=None,
        value=b"",
        headers=(),
        reason=Reason.MISSING_HEADER,
        error="nothing",
        position=Position(topic=topics.frames, partition=0, offset=9),
        time=CAPTURED_AT - 16 * minute,
    )
    outcomes = [told(offset, one) for offset, one in enumerate(frames) if offset not in (4, 6)]
    publish(settings, topics.predictions, [*outcomes, told(8, sent_back)], partition=0)
    publish(settings, topics.dead_letters, [letter.to_record()], partition=0)
    commit(settings, {0: 11})

    def audited(since: int, until: int) -> tuple[int, dict[Any, tuple[int, int, int]]]:
        report = audit_system(settings, since=CAPTURED_AT + since * minute, until=CAPTURED_AT + until * minute)
        found = {camera: (one.frames, one.lost, one.dead) for camera, one in report.cameras.items()}
        return len(report.broken()), found

    assert audited(-19, -16) == (1, {"desk": (4, 1, 0), None: (1, 1, 0)})
    assert audited(-16, -15) == (0, {"desk": (1, 0, 0), None: (1, 0, 1)}), "by when the letter was set aside"
    assert audited(12, 20) == (1, {"fast": (2, 1, 0)})
    assert audited(11, 13) == (0, {"fast": (2, 0, 0)})
    code, report, _ = run(settings, "--until", (CAPTURED_AT - 18 * minute).isoformat())
    totals = report["totals"]
    assert isinstance(totals, dict)
    assert (code, totals["frames"], totals["ok"]) == (0, 3, 3)
