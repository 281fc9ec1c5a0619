from __future__ import annotations

import os
from pathlib import Path

import pytest

from events.frame import Mode
from producers.image_files import Sort, find_images
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


def test_names_sort_as_people_count(folder: Path) -> None:
    found = find_images([folder], recursive=False, sort=Sort.NAME)
    assert names(found, folder) == ["img1.jpeg", "img2.JPG", "img10.jpg"]


def test_recursive_looks_into_folders_in_order(folder: Path) -> None:
    found = find_images([folder], recursive=True, sort=Sort.NAME)
    assert names(found, folder) == ["a/deep/x.webp", "b/img1.png", "img1.jpeg", "img2.JPG", "img10.jpg"]


def test_time_sorts_by_last_change(folder: Path) -> None:
    for age, name in enumerate(("img2.JPG", "img10.jpg", "img1.jpeg")):
        os.utime(folder / name, (1000 + age, 1000 + age))
    found = find_images([folder], recursive=False, sort=Sort.TIME)
    assert names(found, folder) == ["img2.JPG", "img10.jpg", "img1.jpeg"]


def test_files_can_be_named_one_by_one_whatever_their_suffix(folder: Path) -> None:
    found = find_images([folder / "notes.txt", folder / "img2.JPG"], recursive=False, sort=Sort.NAME)
    assert names(found, folder) == ["notes.txt", "img2.JPG"]


def test_a_folder_without_images_is_an_error_that_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(SourceError, match=r"holds no images .*--recursive"):
        find_images([tmp_path], recursive=False, sort=Sort.NAME)
    with pytest.raises(SourceError, match="there is no file or folder"):
        find_images([tmp_path / "gone"], recursive=False, sort=Sort.NAME)


def test_a_jpeg_goes_byte_for_byte_keyed_by_its_file(folder: Path) -> None:
    file = folder / "img2.JPG"
    (shot,) = source([file]).shots()
    assert shot.image == file.read_bytes()
    assert (shot.width, shot.height, shot.key, shot.source, shot.label) == (32, 24, str(file), str(file), None)


def test_stills_have_a_rate_and_a_label_of_their_folder(folder: Path) -> None:
    images = source(find_images([folder], recursive=True, sort=Sort.NAME), label_from_parent=True)
    shots = list(images.shots())
    assert (images.mode, images.total) == (Mode.STILL, 5)
    assert [shot.label for shot in shots] == ["deep", "b", folder.name, folder.name, folder.name]
    assert [shot.at_seconds for shot in shots] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


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
        f"passed over a file file={files[1]} reason=is not a picture, or is damaged",
        f"passed over a file file={files[2]} reason=cannot be read: No such file or directory",
    ]


def test_a_name_that_is_not_utf8_can_travel(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff.jpg"))
    file.write_bytes(jpeg())
    (shot,) = source([file]).shots()
    assert shot.source.encode().endswith("bad\N{REPLACEMENT CHARACTER}.jpg".encode())


def test_closing_ends_the_shots(folder: Path) -> None:
    images = source(find_images([folder], recursive=False, sort=Sort.NAME))
    shots = images.shots()
    next(shots)
    images.close()
    assert list(shots) == []


def test_a_loop_begins_again_with_times_that_go_on(folder: Path) -> None:
    looped = Looped(source(find_images([folder], recursive=False, sort=Sort.NAME)))
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
