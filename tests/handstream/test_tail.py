"""`handstream tail` on a real Kafka."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata
from typer.testing import CliRunner, Result

from broker.topics import admin_client
from events.examples import example_frame, example_gesture_event
from events.frame import Mode
from events.gesture import Phase
from events.prediction import Status
from events.record import Record
from handstream.cli import app
from settings import Settings
from tests.handstream.records import prediction, publish, publish_ends, publish_predictions, stream_end

TAIL = [sys.executable, "-m", "handstream.cli", "tail"]
FROM_START = ("--from", "earliest", "--until-end")


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the test, for the command and the processes that it starts."""
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("HANDSTREAM_CONSUMER_GROUP", settings.consumer_group)
    return settings


def _tail(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["tail", *arguments])


def _lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def _sequences(result: Result) -> list[int]:
    return sorted(line["sequence"] for line in _lines(result))


@pytest.mark.broker
def test_until_end_yields_each_prediction_once_each_camera_in_order(env: Settings) -> None:
    written = [prediction(sequence, camera=f"camera-{sequence % 5}") for sequence in range(600)]
    publish_predictions(env, written)
    publish_ends(env)
    lines = _lines(_tail(*FROM_START))
    for camera in {one.camera for one in written}:
        shown = [line for line in lines if line["camera"] == camera]
        assert shown == [json.loads(one.to_json()) for one in written if one.camera == camera]
    assert len(lines) == 600


@pytest.mark.broker
def test_filters_and_limit(env: Settings) -> None:
    hand = prediction().hands[0]
    publish_predictions(
        env,
        [
            prediction(0, camera="door"),
            prediction(1, camera="gate"),
            prediction(2, camera="gate", hands=(hand, replace(hand, gesture="fist"))),
            prediction(3, camera="roof", hands=(), status=Status.NO_HAND),
        ],
    )
    publish_ends(env)
    assert _sequences(_tail(*FROM_START)) == [0, 1, 2, 3]
    assert _sequences(_tail(*FROM_START, "--camera", "gate")) == [1, 2]
    assert _sequences(_tail(*FROM_START, "--camera", "door", "--camera", "roof")) == [0, 3]
    assert _sequences(_tail(*FROM_START, "--gesture", "fist")) == [2]
    assert _sequences(_tail(*FROM_START, "--status", "no_hand")) == [3]
    assert len(_sequences(_tail("--from", "earliest", "--limit", "2"))) == 2
    rows = list(csv.DictReader(io.StringIO(_tail(*FROM_START, "--format", "csv", "--camera", "gate").stdout)))
    assert [(row["sequence"], row["gesture"], row["hands"]) for row in rows] == [
        ("1", "peace", "1"),
        ("2", "peace", "2"),
    ]


@pytest.mark.broker
def test_table_off_a_terminal_is_drawn_once(env: Settings) -> None:
    publish_predictions(env, [prediction(camera="door"), prediction(camera="gate")])
    publish_ends(env)
    result = _tail(*FROM_START, "--format", "table")
    assert result.exit_code == 0
    assert [result.stdout.count(word) for word in ("door", "gate", "2 predictions")] == [1, 1, 1]


@pytest.mark.broker
def test_malformed_records_are_skipped_with_one_message(env: Settings) -> None:
    foreign = [
        Record(key=None, value=b"hello", headers=()),
        Record(key=None, value=b"", headers=(("ce_type", b"handstream.stream-end.v1"),)),
        _young_frame(),
    ]
    publish(env, f"{env.topic_prefix}predictions", foreign, partition=0)
    publish_predictions(env, [prediction()])
    publish_ends(env)
    result = _tail(*FROM_START)
    assert _sequences(result) == [0]
    (told,) = result.stderr.splitlines()
    assert "3 malformed records skipped" in told
    assert f"{env.topic_prefix}predictions/0/0" in told


@pytest.mark.broker
def test_from_a_time(env: Settings) -> None:
    now = datetime.now(UTC)
    for minutes in (90, 30, 5):
        record = prediction(minutes, camera="door").to_record(key=b"door")
        at = int((now - timedelta(minutes=minutes)).timestamp() * 1000)
        publish(env, f"{env.topic_prefix}predictions", [replace(record, timestamp_ms=at)])
    publish_ends(env)
    assert _sequences(_tail("--until-end", "--from", "1h")) == [5, 30]
    assert _sequences(_tail("--until-end", "--from", (now - timedelta(minutes=10)).isoformat())) == [5]
    assert _sequences(_tail("--until-end", "--from", "1d")) == [5, 30, 90]


@pytest.mark.broker
def test_gestures(env: Settings) -> None:
    started = replace(example_gesture_event(), id="a", phase=Phase.STARTED, ended_at=None, camera="door")
    ended = replace(example_gesture_event(), id="b", camera="door")
    fist = replace(example_gesture_event(), id="c", camera="gate", gesture="fist", mode=Mode.RECORDED, run="film")
    topic = f"{env.topic_prefix}gestures"
    publish(env, topic, [one.to_record(key=one.camera.encode()) for one in (started, ended, fist)])
    for partition in range(env.partitions):
        marker = stream_end(run="film", partition=partition, partitions=env.partitions)
        publish(env, topic, [marker.to_record()], partition=partition)
    gestures = ("--topic", "gestures", *FROM_START)

    def ids(*arguments: str) -> list[str]:
        return sorted(line["id"] for line in _lines(_tail(*gestures, *arguments)))

    assert ids() == ["a", "b", "c"]
    assert ids("--camera", "door") == ["a", "b"]
    assert ids("--gesture", "fist") == ["c"]
    assert len(_lines(_tail("--topic", "gestures", "--from", "earliest", "--limit", "2"))) == 2
    rows = list(csv.DictReader(io.StringIO(_tail(*gestures, "--format", "csv", "--camera", "door").stdout)))
    assert [(row["phase"], row["seconds"], row["frames"], row["track_id"]) for row in rows] == [
        ("started", "", "39", "1019"),
        ("ended", "1.333", "39", "1019"),
    ]
    lines = _tail(*gestures, "--format", "table", "--camera", "door").stdout.splitlines()
    assert [line.split()[1:6] for line in lines] == [
        ["camera", "hand", "track", "gesture", "phase"],
        ["door", "right", "1019", "peace", "started"],
        ["door", "right", "1019", "peace", "ended"],
    ]


@pytest.mark.broker
def test_latest_shows_only_what_comes(env: Settings) -> None:
    publish_predictions(env, [prediction(camera="old")])
    results: list[Result] = []
    following = threading.Thread(target=lambda: results.append(_tail("--limit", "1", "--idle-timeout", "60")))
    following.start()
    while following.is_alive():
        publish_predictions(env, [prediction(camera="new")])
        following.join(timeout=0.2)
    assert [line["camera"] for line in _lines(results[0])] == ["new"]


@pytest.mark.broker
def test_until_end_waits_for_a_busy_worker_though_an_older_run_has_ended(env: Settings) -> None:
    frames = f"{env.topic_prefix}frames"
    publish_predictions(env, [prediction(1, run="older")])
    publish_ends(env, run="older")
    publish(env, frames, [_young_frame()], partition=0)
    with subprocess.Popen([*TAIL, *FROM_START], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tail:
        assert tail.stderr is not None
        assert "1 frames are not yet processed" in tail.stderr.readline()
        publish_predictions(env, [prediction(2, run="newer")])
        with admin_client(env) as admin:
            admin.alter_group_offsets(env.consumer_group, {TopicPartition(frames, 0): OffsetAndMetadata(1, "", -1)})
        publish_ends(env, run="newer")
        stdout, _ = tail.communicate(timeout=60)
    assert tail.returncode == 0
    assert [json.loads(line)["sequence"] for line in stdout.splitlines()] == [1, 2]


@pytest.mark.broker
def test_many_tails_leave_no_group_behind(env: Settings) -> None:
    publish_predictions(env, [prediction()])
    publish_ends(env)
    with admin_client(env) as admin:
        before = {group["group_id"] for group in admin.list_groups()}
        assert [_sequences(_tail(*FROM_START)) for _ in range(2)] == [[0], [0]]
        assert {group["group_id"] for group in admin.list_groups()} == before


@pytest.mark.broker
def test_idle_timeout_names_what_is_missing(env: Settings) -> None:
    publish_predictions(env, [prediction(run="killed")])
    result = _tail(*FROM_START, "--idle-timeout", "0.5")
    assert result.exit_code == 1
    assert "nothing came for 0.5 s: no stream end yet of run killed" in result.stderr
    assert json.loads(result.stdout)["run"] == "killed"


@pytest.mark.broker
def test_a_topic_that_is_not_there(env: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", "nowhere.")
    result = _tail("--format", "csv")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'nowhere.predictions'" in result.stderr


@pytest.mark.broker
@pytest.mark.parametrize(("form", "lines"), [("jsonl", 3), ("table", 0)])
def test_the_reader_of_the_pipe_leaves(env: Settings, form: str, lines: int) -> None:
    publish_predictions(env, [prediction(sequence) for sequence in range(3)])
    pipeline = f"{' '.join(TAIL)} --from earliest --format {form} | head -{lines}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipeline], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, lines, "")


@pytest.mark.broker
@pytest.mark.parametrize(
    ("number", "options", "code"),
    [(signal.SIGINT, (), 0), (signal.SIGTERM, (), 0), (signal.SIGINT, ("--limit", "5"), 130)],
)
def test_it_ends_with_a_signal_and_says_whether_it_was_cut_short(
    env: Settings, number: signal.Signals, options: tuple[str, ...], code: int
) -> None:
    publish_predictions(env, [prediction()])
    with subprocess.Popen(
        [*TAIL, "--from", "earliest", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as tail:
        assert tail.stdout is not None
        assert json.loads(tail.stdout.readline())["camera"] == "door", (
            "a line comes at once, though a pipe is no terminal"
        )
        tail.send_signal(number)
        stdout, stderr = tail.communicate(timeout=60)
    assert (tail.returncode, stdout, stderr) == (code, "", "")


def test_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "127.0.0.1:9")
    result = _tail("--format", "csv")
    assert (result.exit_code, result.stdout) == (1, "")
    (told,) = result.stderr.splitlines()
    assert "127.0.0.1:9" in told


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--from", "tomorrow"), "tomorrow"),
        (("--topic", "gestures", "--status", "ok"), "--status"),
        (("--limit", "0"), "limit"),
        (("--format", "xml"), "xml"),
        (("--gesture", "peac"), "'peace'"),
        (("--topic", "gestures", "--gesture", "no_gesture"), "no_gesture"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], word: str) -> None:
    result = _tail(*arguments)
    assert result.exit_code == 2
    assert word in result.stderr


def test_settings_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "nowhere")
    result = _tail()
    assert result.exit_code == 2
    assert "HANDSTREAM_BROKER" in result.stderr


def _young_frame() -> Record:
    # The time of capture is the record's timestamp, and the broker soon deletes what is older than its retention.
    return replace(example_frame(), captured_at=datetime.now(UTC)).to_record()
