"""Tables as other programs write them: read, or named with what was found and the option that reads it."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recognition.features import Floats
from tests.training.hands import hands, write_table
from training.dataset import read_hands
from training.groups import groups_of
from training.hands import DataError, Hands, joined

POINTS, LABELS = hands(each=3)
NAMES = LABELS.tolist()
COUNT = len(NAMES)
BY_POINT = [f"{axis}{number}" for number in range(21) for axis in "xy"]
BY_AXIS = [f"{axis}{number}" for axis in "xy" for number in range(21)]
POINT_NAMES = ["WRIST", *(f"{finger}_{joint}" for finger, joints in (
    ("THUMB", ("CMC", "MCP", "IP", "TIP")),
    *((finger, ("MCP", "PIP", "DIP", "TIP")) for finger in ("INDEX_FINGER", "MIDDLE_FINGER", "RING_FINGER", "PINKY")),
) for joint in joints)]  # fmt: skip


def rows(points: Floats = POINTS) -> list[list[Any]]:
    """42 coordinates point by point, and the label."""
    return [[*hand.ravel().tolist(), name] for hand, name in zip(points, NAMES, strict=True)]


def written(path: Path, table: Sequence[Sequence[Any]], *, header: Sequence[str] | None, delimiter: str = ",") -> Path:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows([header, *table] if header is not None else table)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(path: Path, **options: Any) -> Hands:
    return read_hands([path], cache_dir=path.parent, **options)


def check(found: Hands, points: Floats = POINTS) -> None:
    np.testing.assert_allclose(found.points, points, rtol=1e-6)
    assert found.labels.tolist() == NAMES


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " ", ","])
def test_whatever_separates_the_columns(tmp_path: Path, delimiter: str) -> None:
    check(read(written(tmp_path / "t.csv", rows(), header=[*BY_POINT, "label"], delimiter=delimiter)))


@pytest.mark.parametrize("header", [None, [*BY_POINT, "label"]])
def test_decimal_commas_where_semicolons_separate(tmp_path: Path, header: list[str] | None) -> None:
    path = written(tmp_path / "t.csv", rows(), header=header, delimiter=";")
    path.write_text(path.read_text().replace(".", ","))

    check(read(path))


@pytest.mark.parametrize("name", ["t.tsv", "t.csv.gz", "T.TSV.GZ"])
def test_further_suffixes(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, rows(), header=[*BY_POINT, "label"], delimiter="\t")
    if name.lower().endswith("gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))

    check(read(tmp_path))


def test_text_of_spreadsheets(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", rows(), header=[*BY_POINT, "label"], delimiter="\t")
    path.write_bytes(path.read_text().encode("utf-16"))

    check(read(path))


def test_points_counted_from_0(tmp_path: Path) -> None:
    check(read(written(tmp_path / "t.csv", rows(), header=[*BY_POINT, "label"])))
    with pytest.raises(DataError, match="1 columns are missing: y20"):
        read(written(tmp_path / "u.csv", [row[1:] for row in rows()], header=[*BY_POINT[:-1], "label"]))


@pytest.mark.parametrize(
    "pattern", ["{axis}_{number}", "{number}_{axis}", "landmark_{number}_{axis}", "lm{number}{axis}", "{axis}.{number}",
                "{point}_{axis}", "{point}.{axis}", "hand landmark {number} {axis}"],
)  # fmt: skip
@pytest.mark.parametrize("upper", [False, True])
def test_other_names_of_coordinates(tmp_path: Path, pattern: str, upper: bool) -> None:
    names = [
        pattern.format(axis=axis, number=number, point=point)
        for number, point in enumerate(POINT_NAMES)
        for axis in "xy"
    ]
    names = [name.upper() if upper else name.lower() for name in names]

    check(read(written(tmp_path / "t.csv", rows(), header=[*names, "Class"])))


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index"])
def test_a_column_of_row_numbers(tmp_path: Path, name: str) -> None:
    numbered = [[number, *row] for number, row in enumerate(rows())]

    check(read(written(tmp_path / "t.csv", numbered, header=[name, *BY_POINT, "label"])))


def test_row_numbers_as_r_writes_them(tmp_path: Path) -> None:
    numbered = [[number, *row] for number, row in enumerate(rows(), start=1)]

    check(read(written(tmp_path / "t.csv", numbered, header=[*BY_POINT, "label"])))


def test_a_delimiter_at_the_end_of_each_row(tmp_path: Path) -> None:
    check(read(written(tmp_path / "t.csv", [[*row, ""] for row in rows()], header=[*BY_POINT, "label", ""])))


def test_a_column_without_a_name_that_holds_something_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", [["ann", *row] for row in rows()], header=["", *BY_POINT, "label"])

    with pytest.raises(DataError, match=r"t\.csv: unknown columns: number 1 has no name, and 'ann' .*--columns"):
        read(path)
    assert set(read(path, columns="user_id,xy,label").people) == {"ann"}


@pytest.mark.parametrize("label_first", [False, True])
@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("with_z", [False, True])
@pytest.mark.parametrize("by_axis", [False, True])
@pytest.mark.parametrize("relative", [False, True])
def test_no_header(
    tmp_path: Path, *, label_first: bool, indexed: bool, with_z: bool, by_axis: bool, relative: bool
) -> None:
    points = POINTS - POINTS[:, :1] if relative else POINTS
    axes = np.concatenate([points, np.full((COUNT, 21, 1), -3.5)], axis=2) if with_z else points
    numbers = (axes.transpose(0, 2, 1) if by_axis else axes).reshape(COUNT, -1).tolist()
    table = [[name, *row] if label_first else [*row, name] for name, row in zip(NAMES, numbers, strict=True)]
    if indexed:
        table = [[number, *row] for number, row in enumerate(table)]

    check(read(written(tmp_path / "t.csv", table, header=None)), points)


def test_a_header_of_numbers_is_none(tmp_path: Path) -> None:
    check(read(written(tmp_path / "t.csv", rows(), header=[str(number) for number in range(43)])))
    check(read(written(tmp_path / "u.csv", rows(), header=[*map(str, range(42)), "label"])))


def test_the_first_row_counts_too_where_there_is_no_header(tmp_path: Path) -> None:
    assert read(written(tmp_path / "t.csv", rows(), header=None)).places[0] == "t.csv:1"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ([row[:-1] for row in rows()], "42 numbers and 0 texts .*separated by commas"),
        ([[*row, "ann"] for row in rows()], "42 numbers and 2 texts"),
        ([row[2:] for row in rows()], "40 numbers and 1 texts"),
        ([[1.5, *row] for row in rows()], "43 numbers and 1 texts"),
    ],
)
def test_what_is_not_clear_without_a_header_is_named(tmp_path: Path, table: list[list[Any]], told: str) -> None:
    with pytest.raises(DataError, match=rf"t\.csv: there is no header, .*{told}.*--columns"):
        read(written(tmp_path / "t.csv", table, header=None))


def test_an_order_that_is_not_clear_is_named(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(0, 100, (COUNT, 42))
    table = [[*row, name] for row, name in zip(noise.tolist(), NAMES, strict=True)]

    with pytest.raises(DataError, match=r"order of the 42 coordinates is not clear; .*--columns xy,label"):
        read(written(tmp_path / "t.csv", table, header=None))


@pytest.mark.parametrize(
    ("header", "columns", "order"),
    [
        (None, "label,xy,user_id,skip", BY_POINT),
        ([f"column{number}" for number in range(45)], "label,x,y,user_id,skip", BY_AXIS),
        (None, f"label,{','.join(BY_AXIS)},user_id,skip", BY_AXIS),
    ],
)
def test_columns_as_the_user_names_them(
    tmp_path: Path, header: list[str] | None, columns: str, order: list[str]
) -> None:
    at = [BY_POINT.index(name) for name in order]
    table = [[row[-1], *(row[column] for column in at), "ann", "some text"] for row in rows()]
    path = written(tmp_path / "t.csv", table, header=header)

    found = read(path, columns=columns)

    check(found)
    assert set(found.people) == {"ann"}
    with pytest.raises(DataError, match=r"--columns names 43 columns, the table has 45 \(separated by commas\)"):
        read(path, columns="label,xy")


def test_what_has_no_coordinates_is_no_table_of_hands(tmp_path: Path) -> None:
    written(tmp_path / "t.csv", rows(), header=[*BY_POINT, "label"])
    other = written(tmp_path / "sources.csv", [["ann", 3]], header=["source", "rows"], delimiter=";")

    check(read(tmp_path))
    with pytest.raises(
        DataError, match=r"none of its 2 columns is a coordinate \(separated by semicolons: source, rows"
    ):
        read(other)
    (tmp_path / "t.csv").unlink()
    with pytest.raises(DataError, match=r"sources\.csv: none of its 2 columns"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty"),
        (b"\xe9,x1\n", "save it as UTF-8"),
        (b"\x1f\x8b nothing", "cannot be read as a table"),
        (gzip.compress(b"x1,y1,label\n" * 99)[:-9], "cannot be read as a table"),
    ],
)
def test_what_is_no_text_is_named(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)

    with pytest.raises(DataError, match=rf"t\.csv: .*{told}"):
        read(tmp_path / "t.csv")


WORLD = np.random.default_rng(1).uniform(-0.08, 0.08, (COUNT, 21, 3)).round(5)


def general(path: Path, **changes: Sequence[Any]) -> Path:
    """A table with everything that can be known of a hand."""
    known: Mapping[str, Sequence[Any]] = {
        "source": ["a"] * 6 + ["b"] * 6,
        "kind": [f"{name}_side" for name in NAMES],
        "near": ["fist", *[""] * (COUNT - 1)],
        "group": ["1", "1", "2", "", "", "", "1", "1", "2", "", "", ""],
        "handedness": ["Left", "right", "R", "", *["Right"] * (COUNT - 4)],
        "score": ["0.97", "", *["1"] * (COUNT - 2)],
        "padded": [0] * COUNT,
        **{
            f"w{axis}{number}": ["", *WORLD[1:, number, at].tolist()]
            for at, axis in enumerate("xyz")
            for number in range(21)
        },
    }
    return write_table(path, POINTS, NAMES, more={**known, **changes})


def test_what_is_known_of_each_hand_is_kept(tmp_path: Path) -> None:
    found = read(general(tmp_path / "t.csv"))

    assert found.sources.tolist() == ["a"] * 6 + ["b"] * 6
    assert found.groups[[0, 2, 3, 6]].tolist() == ["a/1", "a/2", "a/", "b/1"]
    assert found.kinds[0] == "palm_side"
    assert found.near.tolist() == ["fist", *[""] * (COUNT - 1)]
    assert found.handedness[:5].tolist() == ["left", "right", "right", "", "right"]
    np.testing.assert_array_equal(found.scores, [0.97, np.nan, *[1.0] * (COUNT - 2)])
    assert found.has_world.tolist() == [False, *[True] * (COUNT - 1)]
    np.testing.assert_array_equal(found.world[1:], WORLD[1:])


def test_what_is_known_stays_with_its_hand(tmp_path: Path) -> None:
    found = read(general(tmp_path / "t.csv"))
    plain = read(write_table(tmp_path / "u.csv", POINTS, NAMES))

    every = joined([plain, found.take(np.array([7, 1])), found.take(found.near != "")])

    assert len(every) == COUNT + 3
    assert every.sources.tolist() == ["u.csv"] * COUNT + ["b", "a", "a"]
    assert every.near.tolist() == [""] * (COUNT + 2) + ["fist"]
    assert every.has_world.tolist() == [False] * COUNT + [True, True, False]
    np.testing.assert_array_equal(every.world[COUNT], WORLD[7])
    np.testing.assert_array_equal(every.points[COUNT], found.points[7])


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("near", "wave", "near: unknown label 'wave'"),
        ("handedness", "both", "'both' is neither left nor right .--ignore-column handedness"),
        ("score", "97", "'97' is not in 0..1 .--ignore-column score"),
        ("score", "high", "'high' is not in 0..1"),
        ("wy7", "", "missing value: wy7 is empty"),
        ("wy7", "here", "not a number: wy7 is 'here'"),
        ("wy7", "inf", "world landmark is not finite"),
        ("wy7", "nan", "world landmark is not finite"),
    ],
)
def test_a_fault_in_what_is_known_is_named(tmp_path: Path, column: str, value: str, told: str) -> None:
    path = general(tmp_path / "t.csv")
    lines = [line.split(",") for line in path.read_text().splitlines()]
    lines[4][lines[0].index(column)] = value
    path.write_text("\n".join(map(",".join, lines)))

    with pytest.raises(DataError, match=rf"1 is faulty \(t\.csv:5: .*{told}"):
        read(path)


def test_world_landmarks_have_to_be_complete_and_in_metres(tmp_path: Path) -> None:
    millimetres = {
        f"w{axis}{number}": (1000 * WORLD[:, number, at]).tolist()
        for at, axis in enumerate("xyz")
        for number in range(21)
    }
    wrong = general(tmp_path / "t.csv", **millimetres)
    path = general(tmp_path / "u.csv")
    path.write_text(path.read_text().replace("wz20", "", 1))

    with pytest.raises(DataError, match=r"a hand measures 1.*, which cannot be metres; .*--ignore-column 'w\*'"):
        read(wrong)
    with pytest.raises(DataError, match="1 columns of world landmarks are missing: wz20"):
        read(path)
    assert not read(wrong, ignore_columns=("w[xyz]*",)).has_world.any()


def test_groups_and_sources_are_not_parted(tmp_path: Path) -> None:
    general(tmp_path / "t.csv")
    # Another part of the source `a`, with hands that look like none of the others.
    write_table(
        tmp_path / "u.csv", hands(each=1, seed=5)[0], ["palm"] * 4,
        more={"source": ["a"] * 4, "group": ["1", "", "", "7"]},
    )  # fmt: skip

    found = read(tmp_path)

    groups = groups_of(found)
    assert groups[0] == groups[1] == groups[COUNT]
    assert len({groups[0], groups[2], groups[3], groups[6], groups[COUNT + 3]}) == 5
    assert len(set(groups_of(found, whole_sources=True))) == 2
