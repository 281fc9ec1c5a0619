"""`handstream audit` on a real Kafka."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from broker.settings import Settings
from broker.topics import admin_client
from events.dead_letter import DeadLetter
from events.examples import example_prediction
from events.reason import Reason
from events.record import Position, Record
from events.stream_end import StreamEnd
from events.topics import TopicNames
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
        return replace(said, sequence=number).to_record(key=b"desk")

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
