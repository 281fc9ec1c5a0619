"""`handstream evaluate stream` on a real Kafka."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from broker.received import ReceivedPrediction
from events.examples import example_frame, example_prediction
from events.frame import Frame, Mode
from events.prediction import Prediction, Status
from handstream.cli import app
from handstream.evaluate.collector import Collector
from producers.synthetic import render_still
from settings import Settings
from tests.handstream.records import prediction, publish, publish_ends, publish_predictions
from tests.stream_app.worker_process import worker

FROM_START = ("--from", "earliest", "--until-end")
WHOLE = ("--from", "earliest", "--until-end", "--json")


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    monkeypatch.setenv("HANDSTREAM_CONSUMER_GROUP", settings.consumer_group)
    monkeypatch.setenv("HANDSTREAM_PARTITIONS", str(settings.partitions))
    return settings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", "stream", *map(str, arguments)])


def figures(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def labelled(labels: Sequence[str | None], **changes: Any) -> list[Prediction]:
    """Predictions of `peace`, with these labels."""
    return [prediction(number, label=label, **changes) for number, label in enumerate(labels)]


@pytest.mark.broker
def test_the_synthetic_camera_says_how_often_the_workers_are_right(env: Settings, tmp_path: Path) -> None:
    # What is asked is whether it is right, on a machine that may be slow.
    with worker(env, log=tmp_path / "worker.log", HANDSTREAM_STALE_AFTER_SECONDS="3600"):
        produced = CliRunner().invoke(
            app,
            ["produce", "synthetic", "--limit", "40", "--fps", "10", "--speed", "0", "--drop-policy", "wait"],
        )
        assert produced.exit_code == 0, produced.output
        result = run(*FROM_START, "--idle-timeout", "60", "--out", tmp_path / "report", "--worst", 3)

    assert result.exit_code == 0, result.stderr
    found = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert (found["kind"], found["rates"]["accuracy"]["total"]) == ("stream", 40)
    assert list(found["cameras"]) == ["synthetic"]
    assert set(found["latency_ms"]) == {"queue", "decode", "landmarks", "classify", "inference"}
    assert "narrower" in (tmp_path / "report" / "evaluation.html").read_text(encoding="utf-8")


@pytest.mark.broker
def test_each_prediction_counts_once_and_those_without_a_label_do_not(env: Settings) -> None:
    sent = labelled(["peace", "peace", "fist", None])
    stale = replace(prediction(9, label="peace"), status=Status.STALE, hands=())
    publish_predictions(env, [*sent, sent[0], stale])
    publish_ends(env)

    found = figures(run(*WHOLE))

    assert (found["rates"]["accuracy"]["hits"], found["rates"]["accuracy"]["total"]) == (2, 3)
    assert found["passed_over"] == {
        "predictions without a label": 1,
        "that arrived a second time": 1,
        "skipped by the worker as too old": 1,
    }


@pytest.mark.broker
def test_cameras_can_be_chosen_and_are_told_apart(env: Settings) -> None:
    door = labelled(["peace", "fist"], camera="door")
    gate = [replace(one, id=f"frames/1/{one.sequence}") for one in labelled(["peace"], camera="gate")]
    publish_predictions(env, [*door, *gate])
    publish_ends(env)

    both, one = figures(run(*WHOLE)), figures(run(*WHOLE, "--camera", "gate"))

    assert {name: group["accuracy"]["value"] for name, group in both["cameras"].items()} == {"door": 0.5, "gate": 1.0}
    assert list(one["cameras"]) == ["gate"]


@pytest.mark.broker
def test_it_stops_after_so_many_and_after_so_long(env: Settings) -> None:
    publish_predictions(env, labelled(["peace", None, "fist", "peace"]))

    by_count = figures(run("--from", "earliest", "--count", 1, "--json"))
    by_time = figures(run("--from", "earliest", "--seconds", 1.5, "--json"))

    assert (by_count["rates"]["accuracy"]["total"], by_time["rates"]["accuracy"]["total"]) == (1, 3)


def jpegs(page: str) -> list[Image.Image]:
    found = re.findall(r'"data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in found]


def frame(sequence: int) -> Frame:
    return replace(
        example_frame(),
        image=render_still(gesture="palm", seed=3),
        sequence=sequence,
        run="run",
        captured_at=datetime.now(UTC),
    )


@pytest.mark.broker
def test_pictures_of_misses_are_those_of_their_frames(env: Settings, tmp_path: Path) -> None:
    topic = f"{env.topic_prefix}frames"
    publish(env, topic, [frame(number).to_record() for number in range(2)], partition=1)
    unseen = replace(example_prediction(), hands=(), status=Status.NO_HAND, label="palm", mode=Mode.STILL, run="run")
    at = [
        (f"{topic}/1/1", 1, "kept"),
        (f"{topic}/1/0", 7, "of another frame that has the position now"),
        (f"{topic}/1/2", 2, "not there yet"),
        (f"{topic}/9/0", 3, "of a partition that is not there"),
        ("frames.of.others/1/0", 4, "of another topic"),
        ("no position", 5, "of a foreign worker"),
    ]
    publish_predictions(env, [replace(unseen, id=where, sequence=number) for where, number, _ in at])

    result = run("--from", "earliest", "--count", len(at), "--out", tmp_path)

    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    assert [picture.size for picture in jpegs(page)] == [(480, 360)]
    assert page.count(">no picture<") == len(at) - 1
    private = run("--from", "earliest", "--count", len(at), "--out", tmp_path, "--no-pictures")
    assert private.exit_code == 0
    assert jpegs((tmp_path / "evaluation.html").read_text(encoding="utf-8")) == []


@pytest.mark.broker
def test_a_stream_without_labels_is_exit_code_1_and_says_where_labels_come_from(env: Settings, tmp_path: Path) -> None:
    publish_predictions(env, labelled([None, None]))
    publish_ends(env)

    result = run(*FROM_START, "--out", tmp_path / "report")
    other = run(*FROM_START, "--camera", "roof")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "none of 2 predictions carries a label" in result.stderr
    assert "--labels parent" in result.stderr
    assert not (tmp_path / "report").exists()
    assert other.exit_code == 1
    assert "no prediction of roof came" in other.stderr


@pytest.mark.broker
def test_labels_that_can_be_no_gesture_are_counted_and_the_first_is_told(env: Settings, tmp_path: Path) -> None:
    publish_predictions(env, labelled(["$\\bad$", "peace", "a" * 4000]))

    result = run("--from", "earliest", "--seconds", 1.5, "--out", tmp_path)
    publish_predictions(env, labelled(["Peace"], camera="gate"))
    alone = run("--from", "earliest", "--seconds", 1.5, "--camera", "gate")

    assert result.exit_code == 0, result.stderr
    assert "2 whose label is no name of a gesture" in result.stdout
    assert alone.exit_code == 1
    assert "the first is 'Peace'" in alone.stderr


@pytest.mark.broker
def test_a_run_that_never_ends_is_evaluated_so_far(env: Settings) -> None:
    publish_predictions(env, labelled(["peace"], run="killed"))

    result = run(*WHOLE, "--idle-timeout", 0.5)

    assert result.exit_code == 1
    assert "no stream end yet of run killed" in result.stderr
    assert json.loads(result.stdout)["rates"]["accuracy"]["total"] == 1


@pytest.mark.broker
def test_ctrl_c_evaluates_what_was_collected(env: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_predictions(env, labelled(["peace", "fist"]))
    write = Collector.write

    def interrupted(self: Collector, received: Sequence[ReceivedPrediction]) -> None:
        write(self, received)
        if len(self.outcomes) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(Collector, "write", interrupted)

    result = run("--from", "earliest", "--json")

    assert result.exit_code == 130
    assert json.loads(result.stdout)["rates"]["accuracy"]["value"] == 0.5


@pytest.mark.broker
def test_too_few_that_are_right_are_exit_code_1(env: Settings) -> None:
    publish_predictions(env, labelled(["peace", "fist"]))
    publish_ends(env)

    assert run(*FROM_START, "--fail-under", 0.5).exit_code == 0
    assert run(*FROM_START, "--fail-under", 0.6).exit_code == 1


@pytest.mark.broker
def test_a_topic_that_is_not_there(env: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", "nowhere.")

    result = run("--seconds", 1)

    assert result.exit_code == 2
    assert "'nowhere.predictions'" in result.stderr


def test_no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_BROKER", "127.0.0.1:9")

    result = run("--seconds", 1)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "127.0.0.1:9" in result.stderr


def test_a_start_that_cannot_be_read_is_code_2() -> None:
    result = run("--from", "tomorrow")

    assert result.exit_code == 2
    assert "tomorrow" in result.stderr


def test_who_waits_in_vain_is_told_once() -> None:
    told: list[str] = []
    now = [0.0]
    collector = Collector(tell=told.append, clock=lambda: now[0])

    for seconds in (1, 6, 7):
        now[0] = seconds
        collector.idle()

    assert len(told) == 1
    assert "is a camera publishing" in told[0]
