"""`handstream evaluate images` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from events.prediction import Prediction
from handstream.cli import app
from handstream.evaluate import images as command
from producers.synthetic import render_still
from recognition.bundle import load_bundle
from recognition.stills import predict_file
from tests.recognition.pictures import encoded

SURE = ("fist", "like", "one", "palm")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rendered hands each in folders named as their gestures, a fist that is called a palm, and a wall."""
    folder = tmp_path_factory.mktemp("photos")
    for gesture in SURE:
        (folder / gesture).mkdir()
        for seed in (2, 3):
            (folder / gesture / f"{seed}.jpg").write_bytes(render_still(gesture=gesture, seed=seed))
    (folder / "palm" / "a_fist.jpg").write_bytes(render_still(gesture="fist", seed=5))
    (folder / "no_gesture").mkdir()
    (folder / "no_gesture" / "wall.png").write_bytes(encoded("PNG", size=(320, 240)))
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", "images", *map(str, arguments)])


def figures(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_labelled_folders_become_figures_and_a_report(photos: Path, tmp_path: Path) -> None:
    result = run(photos, "--out", tmp_path / "report")

    assert result.exit_code == 0, result.stderr
    assert str(tmp_path / "report" / "evaluation.html") in result.stderr
    found = json.loads((tmp_path / "report" / "evaluation.json").read_text())
    assert (found["kind"], found["rates"]["accuracy"]["total"]) == ("images", 10)
    assert found["models"] == [f"gestures {load_bundle().model.version} ({load_bundle().model.sha256[:12]})"]
    assert found["confusion"]["no_gesture"] == {"no hand": 1}
    places = {one["place"]: one["label"] for one in found["misses"]}
    assert places[str(photos / "palm" / "a_fist.jpg")] == "palm"
    assert "a_fist.jpg" in result.stdout
    page = (tmp_path / "report" / "evaluation.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == len(places)


def test_json_goes_to_stdout_alone(photos: Path) -> None:
    found = figures(run(photos / "fist", photos / "palm", photos / "fist", "--json"))

    assert found["rates"]["accuracy"]["total"] == 5, "a folder that is named twice is counted once"
    assert found["classes"]["fist"]["support"] == 2


def test_a_copy_in_the_same_class_counts_once(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "fist").mkdir()
    (tmp_path / "fist" / "copy.jpg").write_bytes((photos / "fist" / "2.jpg").read_bytes())

    found = figures(run(photos / "fist", tmp_path / "fist", "--json"))

    assert found["rates"]["accuracy"]["total"] == 2
    assert found["passed_over"]["copies of an image in the same class"] == 1


def test_too_few_that_are_right_are_exit_code_1(photos: Path) -> None:
    low, high = run(photos, "--fail-under", 0.5), run(photos, "--fail-under", 0.95)

    assert low.exit_code == 0
    assert high.exit_code == 1
    assert "fewer than --fail-under 0.95" in high.stderr


def test_a_folder_of_no_class_is_named(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "1.jpg").write_bytes(render_still(gesture="palm", seed=3))

    refused = run(photos / "palm", tmp_path)
    passed_over = run(photos / "palm", tmp_path, "--skip-unknown", "--json")
    nothing_left = run(tmp_path, "--skip-unknown")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"{tmp_path / 'holiday'} (1 images)" in refused.stderr
    assert "--skip-unknown" in refused.stderr
    assert figures(passed_over)["passed_over"]["images in folders of no class"] == 1
    assert nothing_left.exit_code == 2


def test_an_image_that_cannot_be_read_is_named_and_the_rest_is_evaluated(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "fist").mkdir()
    (tmp_path / "fist" / "rubbish.jpg").write_text("rubbish")

    result = run(photos / "fist", tmp_path, "--json")

    assert result.exit_code == 1
    assert "rubbish.jpg" in result.stderr
    assert figures(result)["rates"]["accuracy"]["total"] == 2
    alone = run(tmp_path, "--json")
    assert (alone.exit_code, alone.stdout) == (1, "")
    assert "nothing to evaluate" in alone.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nowhere",), "nowhere"),
        ((".", "--bundle", "nowhere"), "manifest.json"),
        ((".", "--fail-under", "90"), "--fail-under"),
        ((".", "--worst", "-1"), "--worst"),
    ],
)
def test_wrong_usage_is_code_2(
    arguments: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_a_folder_without_images_and_a_report_that_cannot_be_written_are_named(photos: Path, tmp_path: Path) -> None:
    empty = run(tmp_path)
    (tmp_path / "file").write_text("")
    unwritable = run(photos / "fist", "--out", tmp_path / "file")

    assert empty.exit_code == unwritable.exit_code == 2
    assert "holds no images" in empty.stderr
    assert "cannot be written" in unwritable.stderr
    assert unwritable.stdout == ""


def test_ctrl_c_evaluates_what_was_predicted(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: Any, sequence: int, **more: Any) -> Prediction:
        if sequence == 3:
            raise KeyboardInterrupt
        return predict_file(*arguments, sequence=sequence, **more)

    monkeypatch.setattr(command, "predict_file", interrupted)

    result = run(photos, "--json", "--workers", 1)

    assert result.exit_code == 130
    found = figures(result)
    assert (found["rates"]["accuracy"]["total"], found["passed_over"]["images after Ctrl-C"]) == (3, 7)


def test_without_pictures_nobody_is_shown(photos: Path, tmp_path: Path) -> None:
    result = run(photos / "palm", "--out", tmp_path, "--no-pictures", "--worst", 1)

    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "evaluation.html").read_text(encoding="utf-8")
    assert "a_fist.jpg" in page
    assert page.count("data:image/jpeg;base64,") == 1, "the landmarks alone"


def test_a_folder_may_accept_several_gestures(photos: Path, tmp_path: Path) -> None:
    both = tmp_path / "photos" / "fist+palm"
    both.mkdir(parents=True)
    for gesture in ("fist", "palm"):
        (both / f"{gesture}.jpg").write_bytes((photos / gesture / "2.jpg").read_bytes())

    found = figures(run(tmp_path / "photos", "--json"))

    assert found["rates"]["accuracy"]["hits"] == found["rates"]["accuracy"]["total"] == 2
    assert found["confusion"] == {"fist+palm": {"fist": 1, "palm": 1}}


def test_options_say_what_else_is_right_and_what_unknown_folders_show(photos: Path, tmp_path: Path) -> None:
    for folder in ("closed", "letter"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "fist.jpg").write_bytes((photos / "fist" / "2.jpg").read_bytes())

    options = ("--accept", "palm=fist", "--accept", "closed=fist", "--unknown-as", "no_gesture", "--json")
    found = figures(run(photos / "palm", tmp_path, *options))

    assert found["confusion"]["fist"] == {"fist": 1}
    assert found["confusion"]["no_gesture"] == {"fist": 1}
    assert found["confusion"]["fist+palm"] == {"fist": 1, "palm": 2}
    groups = {Path(name).name: group for name, group in found["folders"].items()}
    assert (groups["palm"]["accuracy"]["hits"], groups["palm"]["accuracy"]["total"]) == (3, 3)
    assert groups[tmp_path.name]["false_positives"]["hits"] == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--accept", "palm"), "must be FOLDER=GESTURE"),
        (("--accept", "palm=halt"), "no class 'halt'"),
        (("--accept", "palm=Halt!"), "'Halt!' is not the name"),
        (("--unknown-as", "halt"), "no class 'halt'"),
        (("--unknown-as", "fist", "--skip-unknown"), "exclude each other"),
    ],
)
def test_labels_that_the_model_does_not_know_are_code_2(arguments: tuple[str, ...], told: str, photos: Path) -> None:
    result = run(photos, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
