"""`handstream predict` as a user meets it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from events.prediction import Prediction, Status, decode_prediction
from handstream.cli import app
from producers.synthetic import render_still
from recognition.bundle import load_bundle
from tests.bundles import write_bundle
from tests.recognition.pictures import encoded

SURE = ("palm", "fist", "like", "one")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered hands in folders named as their gestures, and one picture without a hand."""
    folder = tmp_path_factory.mktemp("photos")
    for gesture in SURE:
        (folder / gesture).mkdir()
        (folder / gesture / "b.JPG").write_bytes(render_still(gesture=gesture, seed=2))
        (folder / gesture / "a.jpg").write_bytes(render_still(gesture=gesture, seed=3))
    (folder / "nothing").mkdir()
    (folder / "nothing" / "plain.png").write_bytes(encoded("PNG", size=(320, 240)))
    (folder / "notes.txt").write_text("not an image, not looked at")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["predict", *map(str, arguments)])


def predictions(result: Result) -> list[Prediction]:
    return [decode_prediction(line.encode()) for line in result.stdout.splitlines()]


def test_a_folder_gives_one_line_an_image_in_sorted_order(photos: Path) -> None:
    result = run(photos)

    found = predictions(result)
    assert result.exit_code == 0
    assert [prediction.source for prediction in found] == [
        *(str(photos / gesture / name) for gesture in ("fist", "like") for name in ("a.jpg", "b.JPG")),
        str(photos / "nothing" / "plain.png"),
        *(str(photos / gesture / name) for gesture in ("one", "palm") for name in ("a.jpg", "b.JPG")),
    ]
    assert [prediction.sequence for prediction in found] == list(range(9))
    assert {prediction.label for prediction in found} == {None}
    assert {prediction.model for prediction in found} == {load_bundle().model}


def test_the_gestures_are_named(photos: Path) -> None:
    found = predictions(run(photos, "--labels", "parent"))

    hands = [prediction for prediction in found if prediction.label != "nothing"]
    (empty,) = (prediction for prediction in found if prediction.label == "nothing")
    assert (empty.status, empty.hands) == (Status.NO_HAND, ())
    assert sum(prediction.gesture == prediction.label for prediction in hands) >= 6


def test_world_landmarks_are_in_metres_where_the_setting_asks_for_them(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (plain,) = predictions(run(photos / "palm" / "a.jpg"))
    monkeypatch.setenv("HANDSTREAM_WORLD_LANDMARKS", "true")
    (prediction,) = predictions(run(photos / "palm" / "a.jpg"))

    assert all(hand.world_landmarks is None for hand in plain.hands)
    (hand,) = prediction.hands
    assert hand.world_landmarks is not None
    heights = [y for _, y, _ in hand.world_landmarks]
    assert 0.1 < max(heights) - min(heights) < 0.25


def test_the_same_image_has_the_same_id_wherever_it_is(photos: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.jpg"
    copy.write_bytes((photos / "palm" / "a.jpg").read_bytes())

    here, there, other = predictions(run(photos / "palm" / "a.jpg", copy, photos / "palm" / "b.JPG"))

    assert here.id == there.id
    assert here.id.startswith("file/")
    assert here.id != other.id
    assert here.hands == there.hands


def test_unreadable_files_are_named_and_the_rest_goes_on(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "b.jpg").write_bytes((photos / "palm" / "a.jpg").read_bytes())
    (tmp_path / "c.png").write_text("rubbish")

    result = run(tmp_path)

    assert result.exit_code == 1
    assert [Path(prediction.source).name for prediction in predictions(result)] == ["b.jpg"]
    told = " ".join(result.stderr.split())
    assert "a.jpg" in told
    assert "c.png" in told
    assert "2 of 3" in told


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "nowhere.jpg")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "nowhere.jpg" in result.stderr


def test_a_folder_without_images_is_named(tmp_path: Path) -> None:
    result = run(tmp_path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "no images" in result.stderr


def test_a_missing_bundle_is_named(photos: Path, tmp_path: Path) -> None:
    result = run(photos / "palm" / "a.jpg", "--bundle", tmp_path)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "manifest.json" in result.stderr


def test_the_model_of_the_settings_is_used_and_an_option_goes_before_it(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ("8", "9"):
        write_bundle(tmp_path / version, version=version)
    monkeypatch.setenv("HANDSTREAM_MODEL", str(tmp_path / "8"))

    for options, version in (((), "8"), (("--model", tmp_path / "9"), "9"), (("--bundle", tmp_path / "9"), "9")):
        (found,) = predictions(run(photos / "palm" / "a.jpg", *options))
        assert found.model.version == version


def test_a_reader_that_has_seen_enough_is_no_fault(photos: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "handstream.cli", "predict", str(photos)],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
    )
    os.close(writer)

    assert ended.returncode == 0
    assert "Traceback" not in ended.stderr
    assert "BrokenPipe" not in ended.stderr


def test_names_that_are_not_utf8_and_other_files_stop_nothing(tmp_path: Path) -> None:
    hand = render_still(gesture="palm", seed=3)
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    (folder / os.fsdecode(b"\xe9.jfif")).write_bytes(hand)
    (folder / "12:30.jpe").write_bytes(hand)
    (folder / "a.heic").touch()
    os.mkfifo(folder / "pipe.jpg")

    result = run(folder, "--labels", "parent")

    assert result.exit_code == 0
    assert [(one.source, one.label) for one in predictions(result)] == [
        (f"{tmp_path}/caf\ufffd/12:30.jpe", "caf\ufffd"),
        (f"{tmp_path}/caf\ufffd/\ufffd.jfif", "caf\ufffd"),
    ]
    assert "skipped 2 files other than images: .heic (1), not a regular file (1)" in result.stderr


def test_a_named_pipe_is_refused_in_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    result = run(tmp_path / "pipe.jpg")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"handstream predict: {tmp_path}/pipe.jpg is not a regular file\n"
