"""`handstream produce` as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
from typer.testing import CliRunner, Result

from producers.cli import app
from settings import Settings
from tests.producers.consuming import frame_of, read_until_ends, wait_for_frames
from tests.producers.pictures import encoded, jpeg, picture


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {
        "HANDSTREAM_BROKER": settings.broker,
        "HANDSTREAM_TOPIC_PREFIX": settings.topic_prefix,
        "HANDSTREAM_PARTITIONS": str(settings.partitions),
    }


def produce(*arguments: object, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], env=environment)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["images", "{tmp}"], "holds no images"),
        (["images", "{tmp}/gone"], "there is no file or folder"),
        (["video", "{tmp}/gone.mp4"], "there is no file"),
        (["video", "{tmp}/notes.txt"], "is not a video"),
        (["url", "ftp://user:geheim@camera"], "is not the address of a camera"),
        (["images", "{tmp}", "--speed", "-1"], "--speed"),
        (["images", "{tmp}", "--fps", "0"], "--fps"),
        (["images", "{tmp}", "--loss-rate", "2"], "--loss-rate"),
        (["images", "{tmp}", "--quality", "0"], "--quality"),
        (["images", "{tmp}", "--sort", "size"], "--sort"),
        (["synthetic", "--cameras", "0"], "--cameras"),
        (["synthetic", "--camera", ""], "--camera"),
        (["synthetic", "--drop-policy", "all"], "--drop-policy"),
        (["replay", "--since", "yesterday"], "yesterday"),
        (["replay", "--from-offset", "5"], "--partition"),
    ],
)
def test_wrong_usage_is_code_2_and_says_what_is_wrong(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    result = produce(*(argument.format(tmp=tmp_path) for argument in arguments))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "geheim" not in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["webcam", "url", "video", "images", "synthetic", "replay"])
def test_each_help_gives_an_example(command: str) -> None:
    result = produce(command, "--help")
    assert result.exit_code == 0
    assert f"handstream produce {command} " in result.stdout


def test_no_broker_is_code_1_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.topics.BOOTSTRAP_TIMEOUT_MS", 200)
    (tmp_path / "a.jpg").write_bytes(jpeg())
    result = produce("images", tmp_path, environment={"HANDSTREAM_BROKER": "127.0.0.1:1"})
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert "127.0.0.1:1" in line


def test_a_wrong_setting_is_code_2_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    result = produce("images", tmp_path, environment={"HANDSTREAM_BROKER": "nowhere"})
    assert result.exit_code == 2
    assert "HANDSTREAM_BROKER" in result.stderr


@pytest.mark.broker
def test_a_folder_is_published_and_summed_up(tmp_path: Path, environment: dict[str, str], settings: Settings) -> None:
    folder = tmp_path / "photos" / "peace"
    folder.mkdir(parents=True)
    for number in range(5):
        (folder / f"{number}.jpg").write_bytes(jpeg(shade=number * 20))
    (folder / "7.png").write_bytes(encoded(".png"))
    (folder / "8.jpg").write_bytes(b"broken")
    (folder / "notes.txt").touch()
    result = produce(
        "images", folder.parent, "--recursive", "--labels", "parent", "--speed", "0", "--cameras", "2", "--json",
        environment=environment,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    skipped, entry = [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]
    assert skipped["event"] == "Skipped files that are no images"
    assert skipped["kinds"] == {".txt": 1}
    assert (entry["event"], entry["file"]) == ("Skipped an image file", str(folder / "8.jpg"))
    assert entry["level"] == "warning"
    assert entry["reason"].startswith("not one of JPEG, PNG")
    figures = json.loads(result.stdout)
    assert (figures["published"], figures["dropped"], figures["unreadable_files"]) == (12, {}, 1)
    assert figures["stream_ended"]
    assert figures["bytes"] > 0
    records, ends = read_until_ends(settings)
    frames = [frame_of(record) for record in records]
    assert {frame.camera for frame in frames} == {"images-0", "images-1"}
    assert {frame.label for frame in frames} == {"peace"}
    assert {end.frames for _, end in ends} == {12}


@pytest.mark.broker
def test_each_frame_of_a_video_is_published_once(
    tmp_path: Path, environment: dict[str, str], settings: Settings
) -> None:
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 25.0, (64, 48))
    for number in range(30):
        writer.write(picture(width=64, height=48, shade=number * 8))
    writer.release()
    result = produce("video", film, "--camera", "stage", "--speed", "0", environment=environment)
    assert result.exit_code == 0, result.output
    records, _ = read_until_ends(settings)
    assert [frame_of(record).sequence for record in records] == list(range(30))
    assert {record.key for record in records} == {b"stage"}


@pytest.mark.broker
def test_files_that_are_all_unreadable_are_code_2(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "a.jpg").write_bytes(b"broken")
    result = produce("images", tmp_path, environment=environment)
    assert result.exit_code == 2
    assert "none of the files" in result.stderr


@pytest.mark.broker
def test_a_camera_that_cannot_be_opened_is_code_2(environment: dict[str, str]) -> None:
    result = produce("webcam", "/dev/no-such-camera", environment=environment)
    assert result.exit_code == 2
    *_, line = result.stderr.splitlines()
    assert "camera /dev/no-such-camera cannot be opened" in line


@pytest.mark.broker
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_an_endless_camera_with_its_stream_ends(
    number: signal.Signals, environment: dict[str, str], settings: Settings
) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "handstream.cli", "produce", "synthetic", "--width", "64", "--height", "64", "--json"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_frames(settings)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, stderr
    assert "Traceback" not in stderr
    figures = json.loads(stdout)
    records, ends = read_until_ends(settings)
    assert figures["interrupted"]
    assert figures["stream_ended"]
    assert len(records) == figures["published"] == ends[0][1].frames > 0


@pytest.mark.broker
def test_the_program_loops_over_a_folder(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "a.jpg").write_bytes(jpeg())
    # A process of its own, since a library that reads the command line may take --loop for its own.
    program = "from producers.cli import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", program, "images", str(tmp_path), "--loop", "--limit", "5", "--speed", "0", "--json"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["published"] == 5
