from __future__ import annotations

import os
from pathlib import Path

import pytest

from events.frame import Mode
from imaging.files import Sort, find_images
from producers.images import ImageFiles
from producers.looped import Looped
from producers.picture import JpegEncoder
from producers.source import SourceError
from tests.logged import lines
from tests.producers.pictures import encoded, jpeg


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("img10.jpg", "img2.JPG", "img1.jpeg", "b/img1.png", "a/deep/x.webp", ".hidden.jpg", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(file.suffix) if file.suffix in {".png", ".webp"} else jpeg())
    return tmp_path


def names(files: tuple[Path, ...], folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


def source(files: tuple[Path, ...] | list[Path], *, label_from_parent: bool = False) -> ImageFiles:
    return ImageFiles(files, encoder=JpegEncoder(), rate_hz=10.0, label_from_parent=label_from_parent)


def test_a_jpeg_goes_byte_for_byte_keyed_by_its_file(folder: Path) -> None:
    file = folder / "img2.JPG"
    (shot,) = source([file]).shots()
    assert shot.image == file.read_bytes()
    assert (shot.width, shot.height, shot.key, shot.source, shot.label) == (32, 24, str(file), str(file), None)


def test_stills_have_a_rate_and_a_label_of_their_folder(folder: Path) -> None:
    images = source(find_images([folder], recursive=True, sort=Sort.NAME).files, label_from_parent=True)
    shots = list(images.shots())
    assert (images.mode, images.total) == (Mode.STILL, 5)
    assert [shot.label for shot in shots] == ["deep", "b", folder.name, folder.name, folder.name]
    assert [shot.at_seconds for shot in shots] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


def test_skipped_files_are_counted_and_what_is_not_there_is_an_error(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = ImageFiles.find([folder], encoder=JpegEncoder())
    assert found.total == 3
    assert len(list(found.shots())) == len(list(found.shots())) == 3
    assert lines(caplog.records) == ["Skipped files that are no images kinds={'.txt': 1}"]
    with pytest.raises(SourceError, match="there is no file or folder"):
        ImageFiles.find([folder / "gone"], encoder=JpegEncoder())


def test_a_named_pipe_among_the_files_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    images = source([tmp_path / "pipe.jpg"])
    assert list(images.shots()) == []
    assert images.unreadable == 1


def test_an_unreadable_file_is_counted_named_once_and_passed_over(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "img2.JPG").write_bytes(b"not a picture")
    (folder / "img10.jpg").unlink()
    files = [folder / "img1.jpeg", folder / "img2.JPG", folder / "img10.jpg"]
    images = source(files)
    assert [shot.source for shot in images.shots()] == [str(files[0])]
    assert len(list(images.shots())) == 1
    assert images.unreadable == 2
    assert lines(caplog.records) == [
        f"Skipped an image file file={files[1]} reason=not one of JPEG, PNG, WEBP, BMP, GIF; it begins with "
        f"{b'not a pi'.hex()}",
        f"Skipped an image file file={files[2]} reason=cannot be read: No such file or directory",
    ]


def test_a_name_that_is_not_utf8_can_travel(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.jpg"))
    file.write_bytes(jpeg())
    (shot,) = source([file]).shots()
    assert shot.source.encode().endswith("bad\N{REPLACEMENT CHARACTER}.jpg".encode())


def test_closing_ends_the_shots(folder: Path) -> None:
    images = source(find_images([folder], recursive=False, sort=Sort.NAME).files)
    shots = images.shots()
    next(shots)
    images.close()
    assert list(shots) == []


def test_a_loop_begins_again_with_times_that_go_on(folder: Path) -> None:
    looped = Looped(source(find_images([folder], recursive=False, sort=Sort.NAME).files))
    shots = looped.shots()
    found = [next(shots) for _ in range(7)]
    assert [Path(shot.source).name for shot in found[2:5]] == ["img10.jpg", "img1.jpeg", "img2.JPG"]
    assert [shot.at_seconds for shot in found] == pytest.approx([n / 10 for n in range(7)])
    assert looped.total is None
    looped.close()
    assert list(shots) == []


def test_a_loop_of_nothing_ends(tmp_path: Path) -> None:
    assert list(Looped(source([tmp_path / "gone.jpg"])).shots()) == []


def test_a_loop_of_one_picture_keeps_the_rate(folder: Path) -> None:
    shots = Looped(source([folder / "img2.JPG"])).shots()
    assert [next(shots).at_seconds for _ in range(4)] == pytest.approx([0, 0.1, 0.2, 0.3])
