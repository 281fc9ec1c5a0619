"""Sources alone and mixed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.features import features
from tests.training.hands import hands, write_table
from tests.training.sources import HEIGHT, WIDTH, annotation, record_hands, write_annotations, write_photographs
from training.dataset import check_enough, read_hands
from training.groups import groups_of
from training.hands import DataError

POINTS, LABELS = hands(each=3)
NAMES = LABELS.tolist()
PALM = POINTS[LABELS == "palm"]


def test_the_same_hands_are_the_same_in_every_form(tmp_path: Path) -> None:
    forms = [
        write_table(tmp_path / "pixels.csv", PALM, ["palm"] * 3),
        write_table(tmp_path / "wrist.csv", (PALM - PALM[:, :1]) / 7, ["palm"] * 3),
        write_annotations(tmp_path / "palm.json", {str(n): annotation(PALM[n : n + 1], ["palm"]) for n in range(3)}),
        record_hands(tmp_path / "recordings", PALM, gesture="palm"),
    ]

    for form in forms:
        alone = read_hands([form], aspect=WIDTH / HEIGHT, cache_dir=tmp_path)
        np.testing.assert_allclose(features(alone.points), features(PALM), atol=1e-9)
        assert alone.labels.tolist() == ["palm"] * 3


def test_a_folder_of_everything_is_read(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", POINTS, NAMES)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    write_annotations(tmp_path / "deep" / "palm.json", {"1": annotation(PALM[:1], ["palm"])})
    record_hands(tmp_path / "deep" / "er", PALM, gesture="wave", person="ann")
    write_photographs(tmp_path / "photos", "peace")
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / ".hidden.csv").write_text("nothing")

    found = read_hands([tmp_path], aspect=0.75, cache_dir=tmp_path / ".cache")

    assert len(found) == len(POINTS) + 1 + 3 + 1
    assert (found.labels == "wave").sum() == 3
    assert set(found.people) == {"", "ann"}
    assert len(found.files) == 4
    assert f"{tmp_path.name}/photos/peace/1.jpg" in found.places


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, NAMES)

    assert len(read_hands([tmp_path, path, path], cache_dir=tmp_path)) == len(POINTS)


def test_files_of_one_name_keep_apart(tmp_path: Path) -> None:
    for folder in ("train", "test"):
        (tmp_path / folder).mkdir()
        write_table(tmp_path / folder / "t.csv", POINTS, NAMES)

    found = read_hands([tmp_path], cache_dir=tmp_path)

    assert sorted(found.files) == ["test/t.csv", "train/t.csv"]
    assert found.places[0] == "test/t.csv:2"


def test_a_recording_stays_in_one_group(tmp_path: Path) -> None:
    for gesture in ("palm", "peace"):
        record_hands(tmp_path, POINTS[np.equal(LABELS, gesture)], gesture=gesture)

    groups = groups_of(read_hands([tmp_path], cache_dir=tmp_path))

    assert [len(set(part)) for part in (groups[:3], groups[3:], groups)] == [1, 1, 2]


def test_recordings_of_one_person_stay_in_one_group(tmp_path: Path) -> None:
    for gesture in ("palm", "peace"):
        record_hands(tmp_path, POINTS[np.equal(LABELS, gesture)], gesture=gesture, person="ann")

    assert len(set(groups_of(read_hands([tmp_path], cache_dir=tmp_path)))) == 1


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"landmarks": []}', "no recorded hand: .*landmarks"),
        (b"{", "no recorded hand"),
        (b"\xff", "no recorded hand"),
    ],
)
def test_a_broken_line_of_a_recording_is_named(tmp_path: Path, line: bytes, told: str) -> None:
    path = record_hands(tmp_path, PALM, gesture="palm")
    path.write_bytes(path.read_bytes() + line)

    with pytest.raises(DataError, match=rf"1 is faulty \({path.name}:5: {told}"):
        read_hands([path], cache_dir=tmp_path)
    assert len(read_hands([path], skip_faulty=True, cache_dir=tmp_path)) == 3


@pytest.mark.parametrize("content", ["", '{"type": "handstream.prediction.v1"}\n', "{}\n", "notes\n"])
def test_what_is_no_recording_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "r.jsonl").write_text(content)

    with pytest.raises(DataError, match=r"r\.jsonl: is no recording"):
        read_hands([tmp_path], cache_dir=tmp_path)


def test_nothing_to_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    for path, told in (
        (tmp_path / "nowhere", "there is no file or folder"),
        (tmp_path, "holds none of: landmark tables"),
        (tmp_path / "notes.txt", "is none of: landmark tables"),
    ):
        with pytest.raises(DataError, match=told):
            read_hands([path], cache_dir=tmp_path)


def test_too_few_gestures_or_hands_are_named(tmp_path: Path) -> None:
    rows = [row for row, name in enumerate(NAMES) if name != "call"]
    labels = ["no_gesture" if NAMES[row] == "fist" else NAMES[row] for row in rows]
    found = read_hands([write_table(tmp_path / "t.csv", POINTS[rows], labels)], cache_dir=tmp_path)

    with pytest.raises(DataError, match=r"2 gestures \(palm, peace\), 3 are needed"):
        check_enough(found, folds=3)
    with pytest.raises(DataError, match=r"fewer than 5 hands of no_gesture \(3\), palm \(3\), peace \(3\)"):
        check_enough(found, folds=5, least_gestures=2)
    check_enough(found, folds=3, least_gestures=2)
