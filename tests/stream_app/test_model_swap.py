"""Another model taken into service by a worker on a real Kafka, while frames stream."""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kafka import KafkaProducer
from typer.testing import CliRunner

from audit.run import audit_system
from broker.clients import kafka_python_options
from broker.embedded.ports import free_port
from events.prediction import Prediction, decode_prediction
from events.topics import TopicNames
from handstream.cli import app
from producers.synthetic import render_still
from recognition.bundle import read_manifest
from settings import Settings
from tests.bundles import champion_of, damage, empty_store, register, register_unchecked, write_bundle
from tests.stream_app.twins import frame
from tests.stream_app.worker_process import metrics, receive, wait_for, worker

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("no_mlflow_named")]

CAMERAS = ("desk", "door")
# A worker on a busy machine keeps up with this.
SECONDS_BETWEEN_FRAMES = 0.25
POLL_SECONDS = "0.2"


class Stream:
    """Frames of all cameras until it is told to stop; `sent` of each."""

    def __init__(self, settings: Settings) -> None:
        self.sent = 0
        self._settings = settings
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._send)

    @contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._ended.set()
            self._thread.join()

    def more(self, count: int) -> None:
        """Wait until so many more have been sent."""
        goal = self.sent + count
        wait_for(lambda: self.sent >= goal, "more frames to be sent")

    def _send(self) -> None:
        hand = render_still(gesture="palm", seed=3)
        producer = KafkaProducer(**kafka_python_options(self._settings))
        for number in itertools.count():
            for camera in CAMERAS:
                record = frame(camera=camera, sequence=number, image=hand).to_record()
                producer.send(
                    TopicNames(self._settings.topic_prefix).frames,
                    key=record.key,
                    value=record.value,
                    headers=list(record.headers),
                    timestamp_ms=record.timestamp_ms,
                )
            self.sent = number + 1
            if self._ended.wait(SECONDS_BETWEEN_FRAMES):
                break
        producer.flush()
        producer.close()


def check_outcomes(settings: Settings, *, sent: int) -> list[str]:
    """Each frame has one outcome, in order, of versions that never go back; the versions of one camera."""
    topics = TopicNames(settings.topic_prefix)
    predictions = [
        decode_prediction(record.value) for record in receive(settings, topics.predictions, sent * len(CAMERAS))
    ]
    assert len(predictions) == len({one.id for one in predictions}) == sent * len(CAMERAS)
    assert receive(settings, topics.dead_letters, 0) == []
    for camera in CAMERAS:
        of_camera = [one for one in predictions if one.camera == camera]
        assert [one.sequence for one in of_camera] == list(range(sent))
        assert [version for version, _ in itertools.groupby(of_camera, _version)] == ["1", "2"]
    assert {one.model.name for one in predictions} == {"gestures"}
    return [_version(one) for one in predictions]


def _version(prediction: Prediction) -> str:
    return prediction.model.version


@pytest.mark.long
def test_a_promotion_is_taken_up_between_two_frames_and_a_damaged_one_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    data_dir = empty_store(settings.data_dir)
    first = register(data_dir, write_bundle(tmp_path / "one", version="one"))
    second = register(data_dir, write_bundle(tmp_path / "two", version="two"))
    bad = register_unchecked(data_dir, damage(write_bundle(tmp_path / "bad", version="bad")))
    champion_of(data_dir, first)
    port, stream, log = free_port(), Stream(settings), tmp_path / "worker.log"
    with worker(
        settings,
        log=log,
        HANDSTREAM_MODEL="models:/gestures@champion",
        HANDSTREAM_MODEL_POLL_SECONDS=POLL_SECONDS,
        HANDSTREAM_METRICS_PORT=str(port),
    ) as process:
        _wait_for_metric(port, 'version="1"')
        with stream.running():
            _wait_for_metric(port, "handstream_camera_frames_total{")
            assert f'name="gestures",sha256="{_sum(tmp_path / "one")}",version="1"' in metrics(port)
            stream.more(5)
            champion_of(data_dir, second)
            _wait_for_metric(port, 'version="2"')
            stream.more(5)
            champion_of(data_dir, bad)
            _wait_for_metric(port, 'handstream_model_refused_total{reason="checksum"} 1.0')
            stream.more(5)
        check_outcomes(settings, sent=stream.sent)
        told = metrics(port)
        assert process.poll() is None

    assert "handstream_model_swaps_total 1.0" in told
    assert 'version="1"' not in told
    assert 'handstream_model_refused_total{reason="features"} 0.0' in told
    assert "handstream_model_source_up 1.0" in told
    lines = [line for line in log.read_text().splitlines() if "Refused" in line]
    assert len(lines) == 1
    assert "models:/gestures/3" in lines[0]
    assert '"model_version": "2"' in lines[0]


@pytest.mark.long
def test_a_bundle_written_into_the_folder_is_taken_up_and_a_damaged_one_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    folder = write_bundle(tmp_path / "served", version="1")
    port, stream, log = free_port(), Stream(settings), tmp_path / "worker.log"
    command = (sys.executable, "-m", "handstream.cli", "worker", "--processes", "1", "--model", str(folder))
    with worker(
        settings,
        *command,
        log=log,
        HANDSTREAM_MODEL_POLL_SECONDS=POLL_SECONDS,
        HANDSTREAM_METRICS_PORT=str(port),
    ) as process:
        _wait_for_metric(port, 'version="1"')
        with stream.running():
            _wait_for_metric(port, "handstream_camera_frames_total{")
            stream.more(5)
            write_bundle(folder, version="2")
            _wait_for_metric(port, 'version="2"')
            stream.more(5)
            damage(folder)
            _wait_for_metric(port, 'handstream_model_refused_total{reason="checksum"} 1.0')
            stream.more(5)
            time.sleep(1)
        check_outcomes(settings, sent=stream.sent)
        wait_for(lambda: audit_system(settings).pending == 0, "all to be committed")
        report = audit_system(settings)
        assert report.broken(max_duplicates=0) == ()
        assert report.totals.ok == report.totals.frames > 0
        assert 'handstream_model_refused_total{reason="checksum"} 1.0' in metrics(port)
        assert process.poll() is None

    assert log.read_text().count("Refused") == 1


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("models:/gestures", "names no model"),
        ("models:/gestures@champion", "no model registry"),
        ("nowhere", "there is no folder"),
    ],
)
def test_a_worker_does_not_start_without_its_model(settings: Settings, tmp_path: Path, model: str, told: str) -> None:
    log = tmp_path / "worker.log"
    with worker(settings, log=log, HANDSTREAM_MODEL=model) as process:
        assert process.wait(60) == 2

    assert told in log.read_text()
    assert "Traceback" not in log.read_text()


@pytest.mark.parametrize("model", ["nowhere", "models:/gestures"])
def test_a_model_that_cannot_be_is_said_once_and_not_by_every_process(model: str) -> None:
    result = CliRunner().invoke(app, ["worker", "--model", model, "--processes", "4"])

    assert result.exit_code == 2
    assert model in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def _wait_for_metric(port: int, line: str) -> None:
    def is_there() -> bool:
        try:
            return line in metrics(port)
        except OSError:
            return False

    wait_for(is_there, line)


def _sum(folder: Path) -> str:
    return read_manifest(folder).sha256
