"""Each row of a table is read, or named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from recognition.features import features
from tests.training.hands import hands, write_table
from training.dataset import read_hands
from training.hands import DataError, Fault, Hands

POINTS, LABELS = hands(each=3)
NAMES = LABELS.tolist()


def read(path: Path, *, aspect: float | None = None, skip: bool = False, more: tuple[str, ...] = ()) -> Hands:
    return read_hands([path], aspect=aspect, skip_faulty=skip, more_gestures=more, cache_dir=path.parent)


def broken(path: Path, *, line: int, column: str, value: str) -> Path:
    """The table with one field changed. Lines count from 1, the header among them."""
    rows = [row.split(",") for row in path.read_text().splitlines()]
    rows[line - 1][rows[0].index(column)] = value
    path.write_text("\n".join(",".join(row) for row in rows) + "\n")
    return path


@pytest.mark.parametrize("with_z", [True, False])
def test_both_forms_are_read_without_z(tmp_path: Path, with_z: bool) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, NAMES, with_z=with_z)

    table = read(path)

    np.testing.assert_allclose(table.points, POINTS)
    assert table.labels.tolist() == NAMES
    assert set(table.people) == {""}
    assert table.places[:2].tolist() == ["t.csv:2", "t.csv:3"]
    assert dict(table.files) == {"t.csv": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert (table.faults, table.without_hand) == ((), 0)


def test_pixels_and_places_relative_to_the_wrist_give_the_same_features(tmp_path: Path) -> None:
    relative = (POINTS - POINTS[:, :1]) / 100

    pixels = read(write_table(tmp_path / "a.csv", POINTS, NAMES))
    wrist = read(write_table(tmp_path / "b.csv", relative, NAMES))

    np.testing.assert_allclose(features(wrist.points), features(pixels.points), atol=1e-9)


def test_places_in_the_image_need_its_shape(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS / (1200, 1600), NAMES)

    with pytest.raises(DataError, match="--aspect"):
        read(path)
    np.testing.assert_allclose(features(read(path, aspect=0.75).points), features(POINTS), atol=1e-9)


def test_the_shape_may_stand_in_each_row(tmp_path: Path) -> None:
    sizes = {"width": [1200] * len(LABELS), "height": [1600] * len(LABELS)}

    in_image = read(write_table(tmp_path / "a.csv", POINTS / (1200, 1600), NAMES, more=sizes))
    in_pixels = read(write_table(tmp_path / "b.csv", POINTS, NAMES, more=sizes))

    np.testing.assert_allclose(in_image.points, POINTS)
    np.testing.assert_allclose(in_pixels.points, POINTS)


@pytest.mark.parametrize(("value", "told"), [("", "missing value: width"), ("-3", "no size of an image")])
def test_a_row_without_a_shape_is_faulty(tmp_path: Path, value: str, told: str) -> None:
    sizes = {"width": [1200] * len(LABELS), "height": [1600] * len(LABELS)}
    path = write_table(tmp_path / "t.csv", POINTS / (1200, 1600), NAMES, more=sizes)

    with pytest.raises(DataError, match=f"1 is faulty .*t.csv:5: {told}"):
        read(broken(path, line=5, column="width", value=value))


def test_people_are_known_by_user_id(tmp_path: Path) -> None:
    users = {"user_id": ["ann", "bob", ""] * 4, "image_id": NAMES, "leading_hand": NAMES}

    table = read(write_table(tmp_path / "t.csv", POINTS, NAMES, more=users))

    assert table.people.tolist() == ["ann", "bob", ""] * 4


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("label", "wave", "unknown label 'wave' (--gesture wave allows it)"),
        ("label", "", "the label is empty"),
        ("label", "Big Wave", "'Big Wave' is no name for a gesture"),
        ("x7", "seven", "not a number: x7 is 'seven'"),
        ("y21", "", "missing value: y21 is empty"),
        ("x1", "nan", "missing value: a coordinate is nan"),
        ("y1", "inf", "not finite"),
        ("x3", "2,3", "65 fields instead of 64"),
    ],
)
def test_a_faulty_row_is_named_with_its_line(tmp_path: Path, column: str, value: str, told: str) -> None:
    path = broken(write_table(tmp_path / "t.csv", POINTS, NAMES), line=5, column=column, value=value)

    with pytest.raises(DataError) as caught:
        read(path)
    for part in (str(path), "1 is faulty", "t.csv:5", told, "--skip-faulty"):
        assert part in str(caught.value)


def test_faulty_rows_can_be_left_out_and_are_counted(tmp_path: Path) -> None:
    path = broken(write_table(tmp_path / "t.csv", POINTS, NAMES), line=5, column="x3", value="?")

    table = read(path, skip=True)

    assert table.faults == (Fault("t.csv:5", "not a number: x3 is '?'"),)
    np.testing.assert_allclose(table.points, np.delete(POINTS, 3, axis=0))
    assert table.places.tolist() == [f"t.csv:{line}" for line in range(2, 14) if line != 5]


def test_a_row_in_another_unit_than_the_rest_is_faulty(tmp_path: Path) -> None:
    pixels = POINTS.copy()
    pixels[2] /= (1200, 1600)
    in_image = POINTS / (1200, 1600)
    in_image[4] = POINTS[4]

    with pytest.raises(DataError, match=r"t\.csv:4: other unit .* is in 0..1"):
        read(write_table(tmp_path / "t.csv", pixels, NAMES))
    with pytest.raises(DataError, match=r"t\.csv:6: other unit .* reaches out of 0..1"):
        read(write_table(tmp_path / "t.csv", in_image, NAMES), aspect=0.75)


def test_labels_of_ones_own_are_allowed_by_name(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, ["wave"] * 9 + ["no_gesture"] * 3)

    assert set(read(path, more=("wave",)).labels) == {"wave", "no_gesture"}
    with pytest.raises(DataError, match="--gesture 'Big Wave'"):
        read(path, more=("Big Wave",))


def test_many_faulty_rows_are_counted_not_listed(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, ["wave"] * len(LABELS))

    with pytest.raises(DataError, match=r"12 are faulty .* and 7 more"):
        read(path)


def test_a_row_that_breaks_off_is_faulty(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, NAMES)
    path.write_text(path.read_text() + "1,2,3\n")

    with pytest.raises(DataError, match=r"1 is faulty .*t\.csv:14: 3 fields instead of 64"):
        read(path)


def test_a_hand_without_extent_is_faulty(tmp_path: Path) -> None:
    points = POINTS.copy()
    points[2] = 7.0

    with pytest.raises(DataError, match="fall together"):
        read(write_table(tmp_path / "t.csv", points, NAMES))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("x1,y1,label\n1,2,fist\n")

    with pytest.raises(DataError, match=r"40 columns are missing: x2, y2"):
        read(path)


def test_unknown_columns_are_named_and_can_be_passed_over(tmp_path: Path) -> None:
    path = write_table(tmp_path / "t.csv", POINTS, NAMES, more={"colour": NAMES, "x22": NAMES})

    with pytest.raises(DataError, match=r"unknown columns: colour, x22; .*--ignore-column"):
        read(path)
    assert len(read_hands([path], ignore_columns=("colour", "x22"), cache_dir=tmp_path)) == 12


@pytest.mark.parametrize(
    ("columns", "told"), [({"label": NAMES}, "more than once: label"), ({"width": NAMES}, "width and height")]
)
def test_columns_that_do_not_say_what_they_mean_are_named(
    tmp_path: Path, columns: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(DataError, match=told):
        read(write_table(tmp_path / "t.csv", POINTS, NAMES, more=columns))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x01", b"\x00\x00"])
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)

    with pytest.raises(DataError, match=r"t\.csv"):
        read(tmp_path / "t.csv")


def test_a_table_without_rows_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.csv: there is no hand"):
        read(write_table(tmp_path / "t.csv", POINTS[:0], []))
