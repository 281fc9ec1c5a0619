"""Each row of a table is read, or named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from recognition.features import features
from tests.training.hands import hands, write_table
from training.tables import TableError, find_tables, read_tables

POINTS, LABELS = hands(each=3)


def broken(path: Path, *, line: int, column: str, value: str) -> Path:
    """The table with one field changed. Lines count from 1, the header among them."""
    rows = [row.split(",") for row in path.read_text().splitlines()]
    rows[line - 1][rows[0].index(column)] = value
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    return path


@pytest.mark.parametrize("with_z", [True, False])
def test_both_forms_are_read_without_z(tmp_path: Path, with_z: bool) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, LABELS.tolist(), with_z=with_z)

    table = read_tables([path])

    np.testing.assert_allclose(table.points, POINTS)
    assert table.labels.tolist() == LABELS.tolist()
    assert len(set(table.people)) == len(LABELS)
    assert dict(table.sources) == {"t.csv": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_pixels_and_places_relative_to_the_wrist_give_the_same_features(tmp_path: Path) -> None:
    relative = (POINTS - POINTS[:, :1]) / 100

    pixels = read_tables([write_table(tmp_path / "a.csv", POINTS, LABELS.tolist())])
    wrist = read_tables([write_table(tmp_path / "b.csv", relative, LABELS.tolist())])

    np.testing.assert_allclose(features(wrist.points), features(pixels.points), atol=1e-9)


def test_places_in_the_image_need_its_shape(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS / (1200, 1600), LABELS.tolist())

    with pytest.raises(TableError, match="--aspect"):
        read_tables([path])
    np.testing.assert_allclose(features(read_tables([path], aspect=0.75).points), features(POINTS), atol=1e-9)


def test_the_shape_may_stand_in_each_row(tmp_path: Path) -> None:
    sizes = {"width": [1200] * len(LABELS), "height": [1600] * len(LABELS)}
    path = write_table(tmp_path / "t.csv", POINTS / (1200, 1600), LABELS.tolist(), more=sizes)

    np.testing.assert_allclose(read_tables([path]).points, POINTS)


def test_people_are_known_by_user_id(tmp_path: Path) -> None:
    users = {"user_id": ["ann", "bob", "ann"] * 4}

    assert set(read_tables([write_table(tmp_path / "t.csv", POINTS, LABELS.tolist(), more=users)]).people) == {
        "ann",
        "bob",
    }


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("label", "wave", "unknown label 'wave'"),
        ("label", "", "unknown label ''"),
        ("x7", "seven", "not a number"),
        ("y21", "", "not a number"),
        ("x1", "nan", "not finite"),
        ("y1", "inf", "not finite"),
    ],
)
def test_a_faulty_row_is_named_with_its_line(tmp_path: Path, column: str, value: str, told: str) -> None:
    path = broken(write_table(tmp_path / "t.csv", POINTS, LABELS.tolist()), line=5, column=column, value=value)

    with pytest.raises(TableError) as caught:
        read_tables([path])
    for part in ("t.csv", "1 faulty row", "line 5", told, "--skip-faulty-rows"):
        assert part in str(caught.value)


def test_faulty_rows_can_be_left_out_and_are_counted(tmp_path: Path) -> None:
    path = broken(write_table(tmp_path / "t.csv", POINTS, LABELS.tolist()), line=5, column="x3", value="?")

    table = read_tables([path], skip_faulty_rows=True)

    assert dict(table.skipped) == {"t.csv": 1}
    np.testing.assert_allclose(table.points, np.delete(POINTS, 3, axis=0))


def test_many_faulty_rows_are_counted_not_listed(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, ["wave"] * len(LABELS))

    with pytest.raises(TableError, match=r"12 faulty rows .* and 7 more"):
        read_tables([path])


def test_a_row_that_breaks_off_is_faulty(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, LABELS.tolist())
    path.write_text(path.read_text() + "1,2,3\n")

    with pytest.raises(TableError, match="1 faulty row"):
        read_tables([path])


def test_a_hand_without_extent_is_faulty(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[2] = 7.0

    with pytest.raises(TableError, match="fall together"):
        read_tables([write_table(tmp_path / "t.csv", points, LABELS.tolist())])


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x1,y1,label\n1,2,fist\n")

    with pytest.raises(TableError, match=r"40 columns are missing: x2, y2"):
        read_tables([path])


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"\x00\x00"])
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)

    with pytest.raises(TableError, match=r"t\.csv"):
        read_tables([tmp_path / "t.csv"])


def test_a_table_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no row"):
        read_tables([write_table(tmp_path / "t.csv", POINTS[:0], [])])


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    for name in ("b.csv", "a.csv", "more/c.csv", "notes.txt"):
        (tmp_path / name).touch()

    assert find_tables([tmp_path]) == [tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "more" / "c.csv"]


def test_nothing_to_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="nowhere"):
        find_tables([tmp_path / "nowhere"])
    with pytest.raises(TableError, match=r"no \*\.csv"):
        find_tables([tmp_path])
