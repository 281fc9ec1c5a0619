"""`handstream record`: what was shown can be trained on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from events.examples import example_prediction
from events.frame import Mode
from events.prediction import Handedness, Prediction, Status
from handstream.cli import app
from producers.synthetic import SyntheticCamera
from recognition.features import square_pixels
from recognition.found_hand import FoundHand
from settings import Settings
from tests.handstream.records import prediction, publish_ends, publish_predictions
from training.dataset import read_hands
from training.hands import DataError, Hands
from training.record.collector import HandCollector
from training.record.session import Recorded, run_session
from training.record.sighting import Sighting
from training.recordings import RecordingHeader


def record(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["record", *map(str, arguments)])


def written(result: Result) -> Path:
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


def read(path: Path) -> Hands:
    return read_hands([path], cache_dir=path.parent)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of one palm, at 20 pictures a second."""
    path = tmp_path_factory.mktemp("films") / "palm.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (320, 240))
    camera = SyntheticCamera(
        seed=5, width=320, height=240, frame_rate_hz=20.0, frame_count=40, gestures=["palm"], hold_seconds=9.0
    )
    for shot in camera.shots():
        picture = cv2.imdecode(np.frombuffer(shot.image, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        writer.write(picture)
    writer.release()
    return path


def test_a_film_becomes_training_data(film: Path, tmp_path: Path) -> None:
    out = tmp_path / "recordings"

    result = record("--gesture", "wave", "--person", "ann", "--out", out, "video", film)

    path = written(result)
    assert path.parent == out
    assert path.name.startswith("wave-")
    assert "'wave' is a new gesture" in result.stderr
    hands = read(path)
    assert len(hands) == 20  # of two seconds, at ten a second
    assert (set(hands.labels), set(hands.people), hands.faults) == ({"wave"}, {"ann"}, ())
    assert hands.has_world.all()
    header, *lines = map(json.loads, path.read_text().splitlines())
    assert len({line["track_id"] for line in lines}) == 1
    assert all(0.5 < line["presence"] <= 1 for line in lines)
    assert (header["type"], header["source"]) == ("handstream.recording.v1", "palm.avi")
    assert str(tmp_path) not in path.read_text()
    assert [file.name for file in out.iterdir()] == [path.name]


def test_it_stops_when_there_is_enough(film: Path, tmp_path: Path) -> None:
    by_count = record("video", film, "--gesture", "palm", "--count", 3, "--out", tmp_path)
    by_time = record("video", film, "--gesture", "palm", "--seconds", 0.5, "--fps", 20, "--out", tmp_path)

    assert len(read(written(by_count))) == 3
    assert len(read(written(by_time))) == 10
    assert "new gesture" not in by_count.stderr


def test_a_camera_is_recorded_after_its_countdown(film: Path, tmp_path: Path) -> None:
    # OpenCV opens a film as it does a device; it plays over and over, since a camera that is lost is opened again.
    result = record("webcam", film, "--gesture", "palm", "--count", 2, "--countdown", 0.2, "--out", tmp_path)

    assert len(read(written(result))) == 2


def test_where_no_hand_is_seen_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "wall.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20.0, (64, 48))
    for _ in range(4):
        writer.write(np.full((48, 64, 3), 90, np.uint8))
    writer.release()

    result = record("--gesture", "palm", "video", path, "--out", tmp_path / "recordings")

    assert result.exit_code == 1
    assert "no hand was seen in 2; nothing was written" in result.stderr
    assert not (tmp_path / "recordings").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["webcam"], "--gesture"),
        (["--gesture", "Big Wave", "webcam"], "not a valid gesture name"),
        (["--gesture", "a" * 41, "webcam"], "not a valid gesture name"),
        (["--gesture", "palm", "--person", "a/b", "webcam"], "a/b"),
        (["--gesture", "palm", "video"], "which film?"),
        (["--gesture", "palm", "video", "gone.mp4"], "there is no file"),
        (["--gesture", "palm", "--camera", "door", "webcam"], "--camera and --from"),
        (["--gesture", "palm", "predictions", "film.mp4"], "--camera names"),
        (["--gesture", "palm", "predictions", "--from", "soon"], "soon"),
        (["--gesture", "palm", "--count", "0", "webcam"], "--count"),
    ],
)
def test_wrong_usage_is_code_2_and_says_what_is_wrong(arguments: list[str], told: str) -> None:
    result = record(*arguments)

    assert result.exit_code == 2
    assert told in result.stderr


def test_a_camera_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = record("--gesture", "palm", "--out", tmp_path / "recordings", "webcam", tmp_path / "video99")

    assert result.exit_code == 1
    assert "cannot be opened" in result.stderr


@pytest.fixture
def env(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HANDSTREAM_BROKER", settings.broker)
    monkeypatch.setenv("HANDSTREAM_TOPIC_PREFIX", settings.topic_prefix)
    return settings


def streamed(count: int, *, camera: str = "desk", **changes: Any) -> list[Prediction]:
    """Predictions of a live camera, ten a second."""
    began = datetime.now(UTC) - timedelta(minutes=1)
    changes = {"mode": Mode.LIVE, "run": f"run-{camera}", "width": 640, "height": 480, **changes}
    return [
        prediction(number, camera=camera, captured_at=began + timedelta(seconds=number / 10), **changes)
        for number in range(count)
    ]


@pytest.mark.broker
def test_the_stream_becomes_training_data(env: Settings, tmp_path: Path) -> None:
    shown = streamed(9)
    shown[4] = replace(shown[4], hands=(), status=Status.NO_HAND)
    metres = tuple((number / 200, -number / 200, 0.01) for number in range(21))
    shown[5] = replace(shown[5], hands=(replace(shown[5].hands[0], world_landmarks=metres, track_id=3),))
    publish_predictions(env, shown)
    publish_predictions(env, streamed(5, camera="door"))

    result = record(
        "--gesture", "wave", "--out", tmp_path, "predictions", "--from", "earliest", "--camera", "desk", "--count", 8
    )

    hands = read(written(result))
    landmarks = np.array(example_prediction().hands[0].landmarks)
    expected = square_pixels(landmarks, width=640, height=480)
    np.testing.assert_allclose(hands.points, np.stack([expected] * 8), atol=1e-6)
    assert hands.has_world.tolist() == [number == 4 for number in range(8)]
    np.testing.assert_allclose(hands.world[4], metres)
    assert json.loads(Path(result.stdout.strip()).read_text().splitlines()[5])["track_id"] == 3
    assert "in 9 pictures; no hand was seen in 1" in result.stderr


@pytest.mark.broker
def test_one_camera_is_recorded_until_its_stream_ends(env: Settings, tmp_path: Path) -> None:
    publish_predictions(env, streamed(3, run="run"))
    publish_ends(env)

    result = record("--gesture", "palm", "--out", tmp_path, "predictions", "--from", "earliest")

    assert len(read(written(result))) == 3
    assert "recording camera 'desk'" in result.stderr


@pytest.mark.broker
def test_predictions_without_the_pictures_shape_are_told_of(env: Settings, tmp_path: Path) -> None:
    publish_predictions(env, streamed(3, run="run", width=None, height=None))
    publish_ends(env)

    result = record("--gesture", "palm", "--out", tmp_path / "recordings", "predictions", "--from", "earliest")

    assert result.exit_code == 1
    assert "3 predictions do not give the size of their image" in result.stderr


@pytest.mark.broker
def test_a_stream_in_which_nothing_comes_is_given_up(env: Settings, tmp_path: Path) -> None:
    result = record("--gesture", "palm", "--out", tmp_path / "recordings", "predictions", "--seconds", 0.3)

    assert result.exit_code == 1
    assert "nothing was written" in result.stderr


def test_what_the_engine_says_of_a_hand_is_recorded(tmp_path: Path) -> None:
    metres = np.random.default_rng(0).uniform(-0.1, 0.1, (21, 3))
    said = replace(hand(size=0.4), world_landmarks=metres, track_id=7, presence=0.75)

    recorded = session(iter([seen(0, said), seen(1, hand(size=0.4))]), tmp_path)

    assert recorded.path is not None
    _, first, second = map(json.loads, recorded.path.read_text().splitlines())
    assert (first["track_id"], first["presence"]) == (7, 0.75)
    assert (second["track_id"], second["world_landmarks"]) == (None, None)
    hands = read(recorded.path)
    np.testing.assert_allclose(hands.world[0], metres, atol=1e-6)
    assert (hands.has_world.tolist(), hands.handedness.tolist(), hands.scores.tolist()) == (
        [True, False], ["left", "left"], [0.9, 0.9]
    )  # fmt: skip


def test_a_recording_of_an_older_version_is_read(tmp_path: Path) -> None:
    recorded = session(iter([seen(number, hand(size=0.4)) for number in range(3)]), tmp_path)
    assert recorded.path is not None
    header, *lines = map(json.loads, recorded.path.read_text().splitlines())
    new = ("world_landmarks", "track_id", "presence")
    old = [header, *({name: value for name, value in line.items() if name not in new} for line in lines)]
    recorded.path.write_text("\n".join(map(json.dumps, old)))

    hands = read(recorded.path)

    assert (len(hands), hands.faults) == (3, ())
    assert not hands.has_world.any()


def hand(*, size: float) -> FoundHand:
    landmarks = np.random.default_rng(0).uniform(0.5 - size / 2, 0.5 + size / 2, size=(21, 3))
    return FoundHand(handedness=Handedness.LEFT, score=0.9, landmarks=landmarks)


def seen(number: int, *hands: FoundHand) -> Sighting:
    return Sighting(at_seconds=100 + number / 10, width=640, height=480, hands=hands)


def session(pictures: Iterator[Sighting | None], out: Path) -> Recorded:
    return run_session(
        pictures,
        collector=HandCollector(gesture="palm", count=None, seconds=None, rate_hz=10),
        header=lambda: RecordingHeader(gesture="palm", source="test", created_at=datetime.now(UTC)),
        out=out,
        console=Console(stderr=True),
        count=None,
    )


def test_ctrl_c_keeps_what_was_collected(tmp_path: Path) -> None:
    def pictures() -> Iterator[Sighting]:
        yield from (seen(number, hand(size=0.3)) for number in range(4))
        raise KeyboardInterrupt

    recorded = session(pictures(), tmp_path)

    assert recorded.interrupted
    assert recorded.path is not None
    assert len(read(recorded.path)) == 4


def test_a_camera_that_is_lost_leaves_what_was_collected(tmp_path: Path) -> None:
    def pictures() -> Iterator[Sighting]:
        yield from (seen(number, hand(size=0.3)) for number in range(4))
        raise DataError("lost")

    with pytest.raises(DataError, match="lost"):
        session(pictures(), tmp_path)
    assert len(read_hands([tmp_path], cache_dir=tmp_path)) == 4


@pytest.mark.parametrize(("gesture", "sizes"), [("palm", [0.5]), ("no_gesture", [0.2, 0.5])])
def test_of_two_hands_the_larger_one_makes_the_gesture(gesture: str, sizes: Sequence[float]) -> None:
    collector = HandCollector(gesture=gesture, count=None, seconds=None, rate_hz=10)

    collector.see(seen(0, hand(size=0.2), hand(size=0.5)))

    extents = [np.ptp(np.array(one.landmarks)[:, 0]) for one in collector.hands]
    assert extents == pytest.approx(sizes, rel=0.2)


def test_the_countdown_and_pictures_in_quick_succession_are_passed_over() -> None:
    collector = HandCollector(gesture="palm", count=None, seconds=None, rate_hz=5, skip_seconds=0.4)

    for number in range(10):
        collector.see(seen(number, hand(size=0.3)))

    assert [one.at for one in collector.hands] == [0.0, 0.2, 0.4]
