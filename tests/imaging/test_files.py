"""Which files a command reads: the same for all of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from events.reason import Reason, RecordError
from imaging.files import (
    PathError,
    Sort,
    check_regular,
    find_images,
    name_for_libraries,
    path_text,
    read_image_file,
    skipped_sentence,
)
from imaging.formats import SUFFIXES

NOT_UTF8 = os.fsdecode(b"caf\xe9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("img10.jpg", "img2.JPG", "img1.jpeg", "b/img1.png", "a/deep/x.webp", ".hidden.jpg", "notes.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path


def names(files: tuple[Path, ...], folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


def test_names_sort_as_people_count(folder: Path) -> None:
    found = find_images([folder], recursive=False, sort=Sort.NAME).files
    assert names(found, folder) == ["img1.jpeg", "img2.JPG", "img10.jpg"]


def test_recursive_looks_into_folders_in_order(folder: Path) -> None:
    found = find_images([folder], recursive=True, sort=Sort.NAME).files
    assert names(found, folder) == ["a/deep/x.webp", "b/img1.png", "img1.jpeg", "img2.JPG", "img10.jpg"]


def test_time_sorts_by_last_change(folder: Path) -> None:
    for age, name in enumerate(("img2.JPG", "img10.jpg", "img1.jpeg")):
        os.utime(folder / name, (1000 + age, 1000 + age))
    found = find_images([folder], recursive=False, sort=Sort.TIME).files
    assert names(found, folder) == ["img2.JPG", "img10.jpg", "img1.jpeg"]


def test_files_can_be_named_one_by_one_whatever_their_suffix(folder: Path) -> None:
    found = find_images([folder / "notes.txt", folder / "img2.JPG"], recursive=False, sort=Sort.NAME).files
    assert names(found, folder) == ["notes.txt", "img2.JPG"]


def test_a_folder_without_images_is_an_error_that_names_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(PathError, match=r"holds no images .*--recursive"):
        find_images([tmp_path], recursive=False, sort=Sort.NAME)
    with pytest.raises(PathError, match="there is no file or folder"):
        find_images([tmp_path / "gone"], recursive=False, sort=Sort.NAME)


@pytest.mark.parametrize("suffix", [".jfif", ".jpe", ".gif", ".PNG", ".webp", ".bmp", ".dib", ".pjpeg"])
def test_every_suffix_of_an_image_counts(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"a{suffix}").touch()
    assert names(find_images([tmp_path]).files, tmp_path) == [f"a{suffix}"]
    assert suffix.lower() in SUFFIXES


def test_other_files_are_counted_by_suffix(folder: Path) -> None:
    for name in ("a/b.heic", "a/c.heic", "README"):
        (folder / name).touch()
    os.mkfifo(folder / "pipe.jpg")
    skipped = find_images([folder]).skipped
    assert skipped == {".txt": 1, ".heic": 2, "no suffix": 1, "not a regular file": 1}
    assert skipped_sentence(skipped) == (
        "skipped 5 files other than images: .heic (2), .txt (1), no suffix (1), not a regular file (1)"
    )


def test_a_named_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.jpg"
    os.mkfifo(pipe)
    with pytest.raises(PathError, match="is not a regular file"):
        find_images([pipe])
    with pytest.raises(PathError, match="is not a regular file"):
        check_regular(pipe)
    with pytest.raises(OSError, match="not a regular file"):
        read_image_file(pipe)


def test_a_file_with_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(bytes(11))
    with pytest.raises(RecordError, match="11 bytes, 10 are allowed") as caught:
        read_image_file(tmp_path / "a.jpg", max_bytes=10)
    assert caught.value.reason is Reason.TOO_MANY_BYTES


def test_a_name_that_is_not_utf8_is_found_read_and_shown(tmp_path: Path) -> None:
    file = tmp_path / f"{NOT_UTF8}.jpg"
    file.write_bytes(b"content")
    (found,) = find_images([tmp_path]).files
    assert read_image_file(found) == b"content"
    assert path_text(found).encode().endswith("caf\N{REPLACEMENT CHARACTER}.jpg".encode())


@pytest.mark.parametrize("name", ["12:30:00.mp4", f"{NOT_UTF8}.mp4", "plain.mp4"])
def test_libraries_get_a_name_that_is_utf8_and_no_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(b"content")
    with name_for_libraries(Path(name)) as given:
        assert given.startswith("/")
        assert given.isascii()
        assert Path(given).read_bytes() == b"content"
