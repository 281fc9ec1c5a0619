"""An exactly-once client publishes frames: its transactions leave offsets without a record. Nobody waits for those."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata
from typer.testing import CliRunner

from audit.run import audit_system
from broker.clients import kafka_python_options
from broker.topics import admin_client
from events.examples import example_dead_letter
from events.frame import Frame
from events.topics import TopicNames
from handstream.cli import app
from monitoring.backlog import Backlog, BacklogWatch
from monitoring.lag import LagReader
from producers.replay import Range, TopicReplay
from settings import Settings
from tests.handstream.records import (
    prediction,
    publish_in_transaction,
    publish_predictions,
    stream_end,
)
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import committed_lag, health, receive, two_free_ports, wait_for, worker

pytestmark = pytest.mark.broker


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("HANDSTREAM_CONSUMER_GROUP", settings.consumer_group)
    return settings


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def commit(settings: Settings, offsets: dict[int, int]) -> None:
    topic = TopicNames(settings.topic_prefix).frames
    with admin_client(settings) as admin:
        admin.alter_group_offsets(
            settings.consumer_group,
            {TopicPartition(topic, number): OffsetAndMetadata(offset, "", -1) for number, offset in offsets.items()},
        )


def frames(*sequences: int) -> list[Frame]:
    """Young ones, that are no images: a worker makes each a dead letter."""
    return [replace(frame(sequence=sequence), captured_at=datetime.now(UTC)) for sequence in sequences]


def publish_frames(settings: Settings) -> None:
    """Partition 0: offsets 0 to 2, a marker, 4 and 5 of an aborted transaction and its marker."""
    topic = TopicNames(settings.topic_prefix).frames
    publish_in_transaction(settings, topic, [one.to_record() for one in frames(0, 1, 2)], partition=0)
    publish_in_transaction(settings, topic, [one.to_record() for one in frames(3, 4)], partition=0, commit=False)


def test_workers_that_have_read_all_there_is_have_no_lag_and_what_waits_for_them_ends(env: Settings) -> None:
    names = TopicNames(env.topic_prefix)
    publish_frames(env)
    with LagReader(env, group=env.consumer_group, topic=names.frames) as reader:
        assert [lag.records for lag in reader.read()] == [7, 0]
        commit(env, {0: 3})  # as a worker that has finished the third frame
        reader.read()
        assert [(lag.committed, lag.end, lag.records) for lag in reader.read()] == [(3, 7, 0), (None, 0, 0)]
    (group,) = json.loads(run("lag", "--once", "--json"))["groups"]
    assert [(lag["lag_records"], lag["lag_seconds"]) for lag in group["partitions"]] == [(0, 0), (0, 0)]
    # Its outcomes were written in transactions too.
    outcomes = [prediction(number).to_record(key=b"desk") for number in range(3)]
    publish_in_transaction(env, names.predictions, outcomes, partition=0)
    for number in range(env.partitions):
        marker = stream_end(partition=number, partitions=env.partitions).to_record()
        publish_in_transaction(env, names.predictions, [marker], partition=number)
    lines = run("tail", "--from", "earliest", "--until-end", "--idle-timeout", "20").splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == [0, 1, 2]


def test_frames_of_an_open_transaction_wait_and_are_seen_to(env: Settings) -> None:
    topic = TopicNames(env.topic_prefix).frames
    producer = KafkaProducer(**kafka_python_options(env), transactional_id=f"test-{uuid.uuid4().hex}")
    try:
        producer.init_transactions()
        producer.begin_transaction()
        for one in frames(0, 1):
            producer.send(topic, value=one.to_record().value, partition=0)
        producer.flush()
        with LagReader(env, group=env.consumer_group, topic=topic) as reader:
            assert [lag.records for lag in reader.read()] == [2, 0]
            assert [lag.records for lag in reader.read()] == [2, 0]
            producer.abort_transaction()
            wait_for(lambda: [lag.records for lag in reader.read()] == [0, 0], "the marker")
    finally:
        producer.close()


def test_frames_of_an_aborted_transaction_are_not_replayed(env: Settings) -> None:
    publish_frames(env)
    replay = TopicReplay(env, topic=TopicNames(env.topic_prefix).frames, part=Range())
    assert len(list(replay.shots())) == replay.total == 3


def test_dead_letters_are_listed_and_counted_by_records_and_not_by_offsets(env: Settings) -> None:
    topic = TopicNames(env.topic_prefix).dead_letters
    letter = example_dead_letter().to_record()
    found: list[Backlog] = []
    with BacklogWatch(env, tell=found.append, ask_seconds=0.2):
        wait_for(lambda: found, "the first look")
        publish_in_transaction(env, topic, [letter] * 2, partition=0)
        publish_in_transaction(env, topic, [letter], partition=0, commit=False)
        publish_in_transaction(env, topic, [letter], partition=1)
        wait_for(lambda: found[-1].dead_letters == 3, "three dead letters")
    assert len(run("dlq", "list", "--json").splitlines()) == 3


def test_a_worker_processes_no_frame_of_an_aborted_transaction_and_is_ready_behind_it(
    settings: Settings, tmp_path: Path
) -> None:
    publish_frames(settings)
    letters = TopicNames(settings.topic_prefix).dead_letters
    port = two_free_ports()
    with worker(settings, log=tmp_path / "log", HANDSTREAM_METRICS_PORT=str(port)):
        outcomes: list[Any] = receive(settings, letters, 3)
        assert [int(dict(one.headers)["dlq_offset"]) for one in outcomes] == [0, 1, 2]
        wait_for(lambda: committed_lag(settings) == 0, "the frames to be committed")
        wait_for(lambda: not health(port, "/readyz"), "the worker to be ready")
        # Outcomes of frames behind the gap come as any.
        publish_in_transaction(
            settings, TopicNames(settings.topic_prefix).frames, [one.to_record() for one in frames(5)], partition=0
        )
        assert len(receive(settings, letters, 4)) == 4
    report = audit_system(settings)
    assert (report.totals.dead, report.lost, report.pending, report.no_record) == (4, 0, 0, 5)


def test_tail_gives_up_on_its_camera_though_others_are_active(env: Settings) -> None:
    publish_predictions(env, [prediction(number, camera="gate") for number in range(5)])
    result = CliRunner().invoke(app, ["tail", "--from", "earliest", "--camera", "door", "--idle-timeout", "1"])
    assert result.exit_code == 1
    assert "nothing came for 1 s" in result.stderr
