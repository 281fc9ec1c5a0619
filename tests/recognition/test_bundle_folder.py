"""A folder that is written anew while it is served."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from recognition.bundle import MANIFEST_FILE, MODEL_FILE, BundleError, Refusal
from recognition.bundle_folder import FolderSource
from tests.bundles import damage, write_bundle


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "served", version="1")


@pytest.fixture
def source(folder: Path) -> FolderSource:
    made = FolderSource(folder)
    assert made.load().manifest.version == "1"
    return made


def test_nothing_new_is_nothing(source: FolderSource) -> None:
    assert [source.poll() for _ in range(3)] == [None, None, None]


def test_another_bundle_is_given_once_when_it_has_settled(source: FolderSource, folder: Path) -> None:
    write_bundle(folder, version="2")

    found = [source.poll() for _ in range(4)]

    assert [bundle and bundle.manifest.version for bundle in found] == [None, "2", None, None]


def test_a_bundle_that_is_copied_slowly_is_neither_served_nor_refused_before_it_is_whole(
    source: FolderSource, folder: Path, tmp_path: Path
) -> None:
    other = write_bundle(tmp_path / "other", version="2", threshold=0.4)
    content = (other / MODEL_FILE).read_bytes()
    for end in range(0, len(content), len(content) // 5):
        (folder / MODEL_FILE).write_bytes(content[:end])
        assert source.poll() is None
    (folder / MANIFEST_FILE).unlink()
    assert source.poll() is None
    (folder / MODEL_FILE).write_bytes(content)
    shutil.copy(other / MANIFEST_FILE, folder)
    assert source.poll() is None

    bundle = source.poll()

    assert bundle is not None
    assert bundle.manifest.version == "2"


def test_a_bad_bundle_is_refused_once_and_a_good_one_behind_it_taken(source: FolderSource, folder: Path) -> None:
    damage(folder)
    assert source.poll() is None
    with pytest.raises(BundleError) as caught:
        source.poll()
    assert caught.value.reason is Refusal.CHECKSUM
    assert [source.poll() for _ in range(3)] == [None, None, None]

    write_bundle(folder, version="3")

    assert source.poll() is None
    bundle = source.poll()
    assert bundle is not None
    assert bundle.manifest.version == "3"


def test_a_folder_that_is_gone_is_refused_once(source: FolderSource, folder: Path) -> None:
    shutil.rmtree(folder)

    assert source.poll() is None
    with pytest.raises(BundleError, match="missing"):
        source.poll()
    assert source.poll() is None


def test_a_bad_bundle_at_the_start_is_an_error(folder: Path) -> None:
    with pytest.raises(BundleError, match="sha256"):
        FolderSource(damage(folder)).load()


def test_a_file_of_the_same_size_and_time_in_its_place_is_noticed(source: FolderSource, folder: Path) -> None:
    before = (folder / MANIFEST_FILE).stat()
    write_bundle(folder, version="2")
    os.utime(folder / MANIFEST_FILE, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert source.poll() is None
    assert source.poll() is not None
