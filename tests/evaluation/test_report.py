"""The report: one page that needs no other file, the figures and the confusion matrix."""

from __future__ import annotations

import base64
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from rich.console import Console

from evaluation import report
from evaluation.evaluation import Evaluation
from evaluation.examples import NoPictures, Pictures
from evaluation.outcome import Outcome
from evaluation.report import ReportError, check_report, write_report
from evaluation.subject import Subject
from evaluation.tables import tables
from events.examples import example_prediction
from producers.synthetic import render_still
from tests.evaluation.outcomes import outcome, repeated

CREATED_AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
SUBJECT = Subject(kind="images", what="4 images of <b>photos</b>", created_at=CREATED_AT, passed_over={"dull": 2})


class OnePicture:
    def __init__(self) -> None:
        self.asked: list[str] = []

    def read(self, outcome: Outcome) -> bytes | None:
        self.asked.append(outcome.place)
        return render_still(gesture="palm", seed=3)


class Rubbish:
    def read(self, outcome: Outcome) -> bytes | None:  # noqa: ARG002
        return b"replaced since"


def miss(place: str = "peace/<i>.jpg") -> Outcome:
    hand = example_prediction().hands[0]
    return outcome("peace", "two_up", 0.97, place=place, hands=(hand,), main_hand=hand, width=320, height=240)


def evaluated(*misses: Outcome) -> Evaluation:
    return Evaluation.of([*repeated("peace", "peace", 3), *misses])


def write(folder: Path, evaluation: Evaluation, pictures: Pictures, *, worst: int = 12) -> str:
    write_report(folder, evaluation=evaluation, subject=SUBJECT, pictures=pictures, worst=worst)
    return (folder / "evaluation.html").read_text(encoding="utf-8")


def jpegs(page: str) -> list[Image.Image]:
    found = re.findall(r'"data:image/jpeg;base64,([^"]+)"', page)
    return [Image.open(io.BytesIO(base64.b64decode(one))) for one in found]


def test_the_page_needs_no_other_file_and_escapes_what_it_quotes(tmp_path: Path) -> None:
    pictures = OnePicture()

    page = write(tmp_path / "report", evaluated(miss(), outcome("peace", None, place="far.jpg")), pictures)

    assert sorted(file.name for file in (tmp_path / "report").iterdir()) == [
        "confusion_matrix.png", "evaluation.html", "evaluation.json"
    ]  # fmt: skip
    assert set(re.findall(r'(?:src|href)="([^":;,]+)', page)) == {"data"}
    assert "<script" not in page
    assert "peace/&lt;i&gt;.jpg" in page
    assert "&lt;b&gt;photos" in page
    for told in ("60.0%", "23.1 to 88.2%; 3 of 5 pictures", "2 dull", "two_up 97%", "main hand", "no_gesture"):
        assert told in page
    assert pictures.asked == ["peace/<i>.jpg", "far.jpg"]
    assert len(jpegs(page)) == 2
    with Image.open(tmp_path / "report" / "confusion_matrix.png") as matrix:
        assert matrix.format == "PNG"


def test_the_figures_are_there_for_programs(tmp_path: Path) -> None:
    write(tmp_path, evaluated(miss("a.jpg")), NoPictures())

    found = json.loads((tmp_path / "evaluation.json").read_text())

    assert found["type"] == "handstream.evaluation.v1"
    assert found["created_at"] == "2026-01-02T03:04:00.000000Z"
    assert found["rates"]["accuracy"] == {"value": 0.75, "low": 0.3006, "high": 0.9544, "hits": 3, "total": 4}
    assert found["rates"]["false_positives"]["value"] is None
    assert found["figures"]["recall_peace"] == 0.75
    assert found["confusion"] == {"peace": {"peace": 3, "two_up": 1}}
    (wrong,) = found["misses"]
    assert (wrong["place"], wrong["label"], wrong["gesture"], wrong["confidence"]) == ("a.jpg", "peace", "two_up", 0.97)


def test_the_worst_are_as_many_as_asked_for(tmp_path: Path) -> None:
    misses = [miss(f"{number}.jpg") for number in range(5)]

    assert len(jpegs(write(tmp_path, evaluated(*misses), OnePicture(), worst=2))) == 2
    assert jpegs(write(tmp_path, evaluated(*misses), OnePicture(), worst=0)) == []


@pytest.mark.parametrize("pictures", [NoPictures(), Rubbish()])
def test_where_there_is_no_picture_the_landmarks_are_drawn_alone(tmp_path: Path, pictures: Pictures) -> None:
    page = write(tmp_path, evaluated(miss(), outcome("peace", None, place="far.jpg")), pictures)

    (drawn,) = jpegs(page)
    assert drawn.convert("RGB").getpixel((2, 2)) == pytest.approx((34, 42, 51), abs=4)
    assert "no picture" in page


def test_a_small_hand_is_cut_out_and_a_missed_one_shown_whole(tmp_path: Path) -> None:
    page = write(tmp_path, evaluated(miss(), outcome("peace", None)), OnePicture())

    sizes = [picture.size for picture in jpegs(page)]
    assert sizes[1] == (480, 360)  # of 640 x 480
    assert sizes[0] != sizes[1]


def test_names_that_mean_something_to_a_chart_are_drawn_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, Evaluation.of([outcome("$\\frac$", "_x", camera="a"), outcome("fist", "$")]), NoPictures())


def test_of_more_classes_than_can_be_drawn_the_largest_are(tmp_path: Path) -> None:
    labels = [f"gesture{number}" for number in range(60)]
    evaluation = Evaluation.of(
        [one for number, label in enumerate(labels) for one in repeated(label, label, number + 1)]
    )

    write(tmp_path, evaluation, NoPictures())

    with Image.open(tmp_path / "confusion_matrix.png") as matrix:
        assert max(matrix.size) < 3500
    drawn = evaluation.confusion.largest(40)
    assert drawn.labels == tuple(sorted(labels[20:]))
    assert drawn.said == (*drawn.labels, "no_gesture", "no hand")
    assert all(row[column] for column, row in enumerate(drawn.counts))


def test_where_all_is_right_there_is_nothing_to_show(tmp_path: Path) -> None:
    page = write(tmp_path, evaluated(), NoPictures())

    assert "No picture was named wrongly." in page
    assert "The worst" not in page


def test_what_cannot_be_written_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ReportError, match="file"):
        check_report(tmp_path / "file")
    with pytest.raises(ReportError, match="file"):
        write(tmp_path / "file", evaluated(), NoPictures())
    (tmp_path / "report" / "evaluation.json").mkdir(parents=True)
    with pytest.raises(ReportError, match="report"):
        write(tmp_path / "report", evaluated(), NoPictures())
    assert [file.name for file in (tmp_path / "report").iterdir()] == ["evaluation.json"]


def test_where_nothing_can_be_drawn_it_is_said_before_the_work_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_NEEDS", ("jinja2", "a_library_that_is_not_there"))

    with pytest.raises(ReportError, match=r"without a_library_that_is_not_there: `make training`"):
        check_report(tmp_path)


def test_the_terminal_is_told_the_same(tmp_path: Path) -> None:
    console = Console(width=120, record=True, file=io.StringIO())

    console.print(tables(evaluated(miss("[red]a.jpg"), outcome("peace", None)), SUBJECT))

    shown = console.export_text()
    for told in ("60.0%", "23.1 to 88.2%", "[red]a.jpg", "two_up 97%", "2 dull", "1 taken for another gesture"):
        assert told in shown
