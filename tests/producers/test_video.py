from __future__ import annotations

import os
from pathlib import Path

import cv2
import pytest

from events.frame import Mode
from imaging.files import path_text
from imaging.header import image_size
from producers.picture import JpegEncoder
from producers.source import SourceError
from producers.video import VideoFile
from tests.producers.pictures import picture, shade_of

RATE_HZ = 20.0
SHADES = list(range(20, 240, 12))


@pytest.fixture(params=[("film.mp4", "mp4v"), ("film.avi", "MJPG")], ids=["mp4", "avi"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A film whose every frame has a shade of its own."""
    name, codec = request.param
    path: Path = tmp_path / name
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), RATE_HZ, (64, 48))
    assert writer.isOpened()
    for shade in SHADES:
        writer.write(picture(width=64, height=48, shade=shade))
    writer.release()
    return path


def test_every_frame_comes_once_in_order_at_its_time(film: Path) -> None:
    video = VideoFile(film, encoder=JpegEncoder())
    shots = list(video.shots())
    assert [shade_of(shot.image) for shot in shots] == pytest.approx(SHADES, abs=5)
    assert [shot.at_seconds for shot in shots] == pytest.approx([n / RATE_HZ for n in range(len(SHADES))], abs=1e-3)
    assert {(shot.source, shot.width, shot.height, shot.key) for shot in shots} == {(str(film), 64, 48, None)}
    assert (video.mode, video.total) == (Mode.RECORDED, len(SHADES))


def test_it_can_be_gone_through_again(film: Path) -> None:
    video = VideoFile(film, encoder=JpegEncoder())
    assert [shot.at_seconds for shot in video.shots()] == [shot.at_seconds for shot in video.shots()]


def test_a_rate_takes_evenly_spread_frames(film: Path) -> None:
    video = VideoFile(film, encoder=JpegEncoder(), rate_hz=5.0)
    shots = list(video.shots())
    assert [shade_of(shot.image) for shot in shots] == pytest.approx(SHADES[::4], abs=5)
    assert video.total == len(shots)


def test_a_rate_above_the_films_own_takes_each_frame_once(film: Path) -> None:
    video = VideoFile(film, encoder=JpegEncoder(), rate_hz=60.0)
    assert len(list(video.shots())) == len(SHADES) == video.total


def test_frames_are_scaled_down(film: Path) -> None:
    shot = next(VideoFile(film, encoder=JpegEncoder(max_side_pixels=32)).shots())
    assert (shot.width, shot.height) == (32, 24) == image_size(shot.image)


def test_closing_ends_the_shots(film: Path) -> None:
    video = VideoFile(film, encoder=JpegEncoder())
    shots = video.shots()
    next(shots)
    video.close()
    assert list(shots) == []


def test_what_is_no_video_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a film")
    for path, message in (
        (text, "is not a video"),
        (tmp_path / "gone.mp4", "there is no file"),
        (tmp_path, "produce images"),
    ):
        with pytest.raises(SourceError, match=message):
            VideoFile(path, encoder=JpegEncoder())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["2026-11-28T12:30:00.mp4", os.fsdecode(b"caf\xe9.mp4"), "file:x.mp4"])
def test_any_name_of_a_file_will_do(film: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(film.parent)
    film.rename(name)
    shots = list(VideoFile(Path(name), encoder=JpegEncoder()).shots())
    assert len(shots) == len(SHADES)
    assert shots[0].source == path_text(name)


def test_a_named_pipe_is_no_film_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(SourceError, match="is not a regular file"):
        VideoFile(tmp_path / "pipe.mp4", encoder=JpegEncoder())
