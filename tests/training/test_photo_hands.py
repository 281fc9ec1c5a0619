"""Photographs by class: searched once, known ever after."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from producers.synthetic import render_still
from recognition.still_search import StillSearch
from tests.training.sources import write_photographs
from training.dataset import read_hands
from training.hands import DataError, Hands


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Hands]:
    """Photographs, the cache that knows them, and their hands."""
    folder = write_photographs(tmp_path_factory.mktemp("data") / "photos", "palm", "peace")
    both = cv2.hconcat([_picture("palm", width=320), _picture("palm", width=640)])
    cv2.imwrite(str(folder / "palm" / "2.png"), both)
    (folder / "no_gesture").mkdir()
    cv2.imwrite(str(folder / "no_gesture" / "1.jpg"), both)
    (folder / "no_gesture" / "2.png").write_bytes(_encoded(np.full((240, 320, 3), 90, np.uint8)))
    cache = tmp_path_factory.mktemp("cache")
    return folder, cache, read_hands([folder], cache_dir=cache)


def _picture(gesture: str, *, width: int) -> np.ndarray:
    still = np.frombuffer(render_still(gesture=gesture, seed=4, width=width), np.uint8)
    picture = cv2.imdecode(still, cv2.IMREAD_COLOR)
    assert picture is not None
    return np.asarray(picture)


def _encoded(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])


@pytest.fixture
def no_landmarker(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a photograph was searched again")

    monkeypatch.setattr(StillSearch, "find", refuse)


def test_hands_are_labelled_by_their_folder(known: tuple[Path, Path, Hands]) -> None:
    _, _, hands = known

    assert hands.has_world.all()
    assert 0.05 < float(np.median(np.ptp(hands.world, axis=1).max(axis=1))) < 0.3
    assert set(hands.handedness) <= {"left", "right"}
    assert (hands.scores > 0.5).all()
    # Of two hands the larger one makes the gesture; of those that make none, all are taken.
    assert sorted(hands.labels) == ["no_gesture", "no_gesture", "palm", "palm", "peace"]
    assert set(hands.places) == {
        "photos/no_gesture/1.jpg", "photos/palm/1.jpg", "photos/palm/2.png", "photos/peace/1.jpg"
    }  # fmt: skip
    assert list(hands.files) == ["photos"]
    of_two = hands.points[hands.places == "photos/palm/2.png"][0]
    both = hands.points[hands.labels == "no_gesture"]
    assert np.ptp(of_two, axis=0).prod() == pytest.approx(np.ptp(both, axis=1).prod(axis=1).max(), rel=0.1)


def test_a_photograph_without_a_hand_is_counted_and_never_refused(known: tuple[Path, Path, Hands]) -> None:
    _, _, hands = known

    assert [(fault.place, fault.reason[:7]) for fault in hands.faults] == [("photos/no_gesture/2.png", "no hand")]
    assert hands.without_hand == 1


def test_a_photograph_that_is_known_is_not_searched_again(
    known: tuple[Path, Path, Hands], tmp_path: Path, no_landmarker: None
) -> None:
    folder, cache, hands = known
    moved = tmp_path / "elsewhere" / "photos"
    shutil.copytree(folder, moved)

    again = read_hands([moved], cache_dir=cache)

    np.testing.assert_array_equal(again.points, hands.points)
    np.testing.assert_array_equal(again.world, hands.world)
    assert again.places.tolist() == hands.places.tolist()
    assert again.files == hands.files
    assert (again.faults, again.without_hand) == (hands.faults, hands.without_hand)


def test_a_broken_entry_is_made_anew(known: tuple[Path, Path, Hands], tmp_path: Path) -> None:
    folder, cache, hands = known
    own = tmp_path / "cache"
    shutil.copytree(cache, own)
    first, *_ = sorted((own / "landmarks").rglob("*.json"))
    whole = first.read_bytes()
    first.write_bytes(whole[:40])

    again = read_hands([folder], cache_dir=own)

    np.testing.assert_array_equal(again.points, hands.points)
    assert first.read_bytes() == whole


def test_what_is_no_photograph_is_named(known: tuple[Path, Path, Hands], tmp_path: Path) -> None:
    folder, cache, hands = known
    shutil.copytree(folder, tmp_path / "photos")
    (tmp_path / "photos" / "peace" / "notes.jpg").write_text("notes")

    with pytest.raises(DataError, match=r"1 is faulty \(photos/peace/notes.jpg: unreadable photograph"):
        read_hands([tmp_path / "photos"], cache_dir=cache)
    left = read_hands([tmp_path / "photos"], skip_faulty=True, cache_dir=cache)
    assert (len(left), len(left.faults)) == (len(hands), len(hands.faults) + 1)


def test_folders_that_are_no_class_are_named_before_anything_is_searched(tmp_path: Path, no_landmarker: None) -> None:
    write_photographs(tmp_path / "photos", "palm")
    (tmp_path / "photos" / "palm").rename(tmp_path / "photos" / "holiday")

    with pytest.raises(DataError, match=r"'holiday' \(1 photographs\).*--gesture"):
        read_hands([tmp_path / "photos"], cache_dir=tmp_path)
    with pytest.raises(DataError, match=r"no hand to train on: 1 is faulty \(photos/holiday/1.jpg: folder of no class"):
        read_hands([tmp_path / "photos"], skip_faulty=True, cache_dir=tmp_path)


def test_an_empty_class_is_named(tmp_path: Path, no_landmarker: None) -> None:
    write_photographs(tmp_path / "photos", "palm")
    (tmp_path / "photos" / "rock").mkdir()

    with pytest.raises(DataError, match="photos/rock: empty class"):
        read_hands([tmp_path / "photos"], cache_dir=tmp_path)


def test_a_class_without_a_single_hand_is_named(known: tuple[Path, Path, Hands], tmp_path: Path) -> None:
    folder, cache, _ = known
    shutil.copytree(folder, tmp_path / "photos")
    (tmp_path / "photos" / "no_gesture").rename(tmp_path / "photos" / "rock")
    (tmp_path / "photos" / "rock" / "1.jpg").unlink()

    with pytest.raises(DataError, match="photos/rock: empty class: no hand was found"):
        read_hands([tmp_path / "photos"], cache_dir=cache)


def test_two_hands_of_a_gesture_are_told_of(
    known: tuple[Path, Path, Hands], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, cache, _ = known

    read_hands([folder], cache_dir=cache, console=Console(stderr=True))

    assert "photos: 1 photograph of a gesture shows more than one hand" in capsys.readouterr().err


def test_names_that_are_not_utf8_are_photographs_as_any(tmp_path: Path) -> None:
    (tmp_path / "palm").mkdir()
    (tmp_path / "palm" / os.fsdecode(b"caf\xe9.jpe")).write_bytes(render_still(gesture="palm", seed=4, width=320))
    (tmp_path / "palm" / "notes.txt").touch()
    console = Console(record=True, width=200)

    hands = read_hands([tmp_path], cache_dir=tmp_path / "cache", console=console)

    assert hands.places.tolist() == [f"{tmp_path.name}/palm/caf\ufffd.jpe"]
    assert "skipped 1 file other than training data: .txt (1)" in console.export_text()
