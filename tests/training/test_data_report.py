"""`handstream data` as a user meets it, and the figures behind it."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from handstream.cli import app
from recognition.features import mirrored
from tests.training.hands import hands, write_table
from tests.training.sources import annotation, record_hands, write_annotations
from training.data_report import DataReport, SourceFigures
from training.dataset import read_hands

POINTS, LABELS = hands(each=3)
NAMES = LABELS.tolist()


def data(*arguments: object) -> Result:
    # In a narrow terminal rich would break names apart.
    return CliRunner().invoke(app, ["data", *map(str, arguments)], env={"COLUMNS": "160"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table with people, two faulty rows and a row that is there again, mirrored and under another name; a recording;
    and annotations, one without landmarks."""
    points = np.concatenate([POINTS, POINTS[:1], mirrored(POINTS[3:4]) * 2])
    users = ["ann"] * 5 + ["bob"] * 4 + [""] * 5
    path = write_table(tmp_path / "t.csv", points, [*NAMES, NAMES[0], "peace"], more={"user_id": users})
    lines = path.read_text().splitlines()
    lines += [lines[1].replace("palm", "wave?"), "," + lines[2].partition(",")[2]]
    path.write_text("\n".join(lines) + "\n")
    record_hands(tmp_path, POINTS[:2] + 3, gesture="wave")
    images = {"1": annotation(POINTS[6:7], ["peace"], user_id="cid"), "2": annotation(POINTS[:1], ["palm?"])}
    write_annotations(tmp_path / "a.json", images)
    return tmp_path


def test_figures(folder: Path) -> None:
    report = DataReport.of(read_hands([folder], aspect=0.75, skip_faulty=True, cache_dir=folder))

    figures = report.figures()
    assert {name: figures[name] for name in ("hands", "hands_palm", "hands_peace", "hands_wave", "classes")} == {
        "hands": 17, "hands_palm": 4, "hands_peace": 5, "hands_wave": 2, "classes": 5
    }  # fmt: skip
    assert (figures["faulty"], figures["missing_values"], figures["without_hand"]) == (3, 1, 1)
    assert figures["completeness_ratio"] == 17 / 20
    # The two rows again, the two recorded ones and the annotated one; of these one is the same to the last digit.
    assert (figures["near_duplicates"], figures["exact_duplicates"], figures["contradictions"]) == (5, 1, 3)
    assert (figures["people"], figures["hands_of_known_people"]) == (3, 10)
    assert [figures[f"hands_per_person_{name}"] for name in ("min", "median", "max")] == [1, 4, 5]
    assert figures["classes_per_person_median"] == 2
    assert {"call", "fist", "palm", "peace"}.isdisjoint(report.absent)
    assert len(report.absent) == 14


def test_classes_are_split_by_source(folder: Path) -> None:
    report = DataReport.of(read_hands([folder], aspect=0.75, skip_faulty=True, cache_dir=folder))

    assert report.classes["peace"] == {"t.csv": 4, "a.json": 1}
    assert list(report.classes) == ["call", "fist", "palm", "peace", "wave"]


def test_the_report_is_printed_and_saved(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"

    result = data(folder, "--aspect", 0.75, "--out", out)

    assert result.exit_code == 0, result.stderr
    for told in ("hands", "17", "is no name", "missing value", "no hand", "wave"):
        assert told in result.stdout
    page = (out / "data_report.html").read_text(encoding="utf-8")
    assert "t.csv:16: " not in page
    for told in ("t.csv:16", "'wave?' is no name for a gesture", "data:image/png;base64,", "85.00%"):
        assert told in unescape(page)
    assert not re.search(r'(src|href)="(?!data:)', page)
    picture = cv2.imdecode(np.fromfile(out / "data_report.png", np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape[1] > 800
    assert sorted(path.name for path in out.iterdir()) == ["data_report.html", "data_report.png"]


def test_names_are_shown_as_they_are(tmp_path: Path) -> None:
    path = write_table(tmp_path / "_<b>$x$[red].csv", POINTS, NAMES)
    path.write_text(path.read_text().replace("call", "<script>"))
    write_table(tmp_path / "other.csv", POINTS, NAMES)

    result = data(tmp_path, "--out", tmp_path / "report")

    assert result.exit_code == 0, result.stderr
    assert "_<b>$x$[red].csv" in result.stdout
    page = (tmp_path / "report" / "data_report.html").read_text(encoding="utf-8")
    assert "<script>" not in page
    assert "<b>" not in page


def test_the_same_data_give_the_same_report(folder: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert data(folder, "--aspect", 0.75, "--out", tmp_path / "reports" / name).exit_code == 0

    one, two = (
        [path.read_bytes() for path in sorted((tmp_path / "reports" / name).iterdir())] for name in ("one", "two")
    )
    assert one == two


def test_what_cannot_be_read_is_code_2(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    write_table(tmp_path / "t.csv", POINTS, NAMES)

    for arguments, told in (
        ([tmp_path / "notes.txt"], "is none of"),
        ([tmp_path / "gone"], "there is no file"),
        ([tmp_path / "t.csv", "--gesture", "Big Wave"], "no name for a gesture"),
        ([tmp_path / "t.csv", "--out", tmp_path / "notes.txt"], "cannot be written"),
    ):
        result = data(*arguments)
        assert result.exit_code == 2
        assert told in result.stderr


def test_sources_are_told_apart(tmp_path: Path) -> None:
    metres = np.random.default_rng(0).uniform(-0.08, 0.08, (3, 63))
    world = {f"w{axis}{number}": [*metres[:, 3 * number + at], *[""] * 9]
             for number in range(21) for at, axis in enumerate("xyz")}  # fmt: skip
    more = {"source": ["lab"] * 8 + ["office"] * 4, "near": ["fist", *[""] * 11], **world}
    write_table(tmp_path / "t.csv", POINTS, ["no_gesture"] * 2 + NAMES[2:], more=more)
    write_table(tmp_path / "u.csv", POINTS[:2], NAMES[:2])
    hands_of_all = read_hands([tmp_path], cache_dir=tmp_path)

    report = DataReport.of(hands_of_all)

    assert report.sources == {
        "lab": SourceFigures(hands=8, no_gesture=2, near=1, world=3),
        "office": SourceFigures(hands=4, no_gesture=0, near=0, world=0),
        "u.csv": SourceFigures(hands=2, no_gesture=0, near=0, world=0),
    }
    figures = report.figures()
    assert [figures[name] for name in ("sources", "hands_near_a_gesture", "hands_with_world_landmarks")] == [3, 1, 3]
    assert list(report.files) == ["t.csv", "u.csv"]
    printed = data(tmp_path, "--out", tmp_path / "report").stdout
    assert re.search(r"lab +8 +2 +1 +3", printed)
    assert "3 (21.4%)" in printed
    assert "office" in (tmp_path / "report" / "data_report.html").read_text(encoding="utf-8")
