"""`handstream train` as a user meets it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from mlflow.entities import Run
from typer.testing import CliRunner, Result

from events.prediction import decode_prediction
from handstream.cli import app
from producers.synthetic import render_still
from recognition.bundle import CARD_FILE, MANIFEST_FILE, MODEL_FILE, Manifest, load_bundle
from recognition.features import Floats
from tests.bundles import client, empty_store
from tests.training.hands import hands, write_table
from tests.training.small import SMALL, few_others
from training.candidate import Fitted
from training.cli import PAGE
from training.hands import Strings
from training.kinds import KINDS
from training.tracking import EXPERIMENT

LINEAR = ("--kind", "logistic_regression")


def run(*arguments: object, track: bool = False) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments), *([] if track else ["--no-track"])])


def complaint(result: Result, *told: str) -> None:
    """One line that says what is wrong, and no traceback."""
    assert result.exit_code == 2, result.output
    assert isinstance(result.exception, SystemExit)
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("handstream train:")]
    for words in told:
        assert words in line


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    points, labels = hands(each=20)
    return write_table(tmp_path_factory.mktemp("tables") / "hands.csv", points, labels.tolist())


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_mlflow_named: None) -> None:
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "80")


def test_a_table_becomes_a_bundle_that_is_served(table: Path, tmp_path: Path) -> None:
    points, labels = hands(each=10, seed=9)
    unseen = write_table(tmp_path / "unseen.csv", points / (1200, 1600), labels.tolist(), with_z=False)
    out = tmp_path / "bundle"

    result = run(table, "--out", out, "--name", "mine", "--bundle-version", "3", "--check", unseen, "--aspect", 0.75,
                 "--origin", "Drawn by a test, in the public domain.")  # fmt: skip

    assert result.exit_code == 0, result.stderr
    bundle = load_bundle(out)
    assert (bundle.model.name, bundle.model.version) == ("mine", "3")
    assert bundle.manifest.classes == ("call", "fist", "no_gesture", "palm", "peace")
    assert bundle.manifest.metrics["check_accuracy"] > 0.9
    assert list(bundle.manifest.training_data) == ["hands.csv"]
    assert "scikit-learn" in bundle.manifest.libraries
    four_kinds(bundle.manifest)
    card = (out / CARD_FILE).read_text(encoding="utf-8")
    for told in ("Drawn by a test", bundle.model.sha256, "| `peace` | 20 |", "## Not for", *KINDS):
        assert told in card
    assert "HaGRID" not in card
    for told in (*KINDS, "accuracy", "FPR at 95", "one hand", "no_gesture"):
        assert told in result.stdout
    assert "…" not in result.stdout
    assert f"mine 3 ({bundle.manifest.kind})" in result.stdout
    assert not (tmp_path / "data").exists()
    picture = tmp_path / "palm.jpg"
    picture.write_bytes(render_still(gesture="palm", seed=3))
    predicted = CliRunner().invoke(app, ["predict", str(picture), "--bundle", str(out)])
    assert decode_prediction(predicted.stdout.encode()).model == bundle.model


def four_kinds(manifest: Manifest) -> None:
    assert list(manifest.candidates) == list(KINDS)
    assert manifest.kind in KINDS
    for figures in manifest.candidates.values():
        assert 0.5 < figures["training_accuracy"] <= 1
        low, mean, high = (figures[f"evaluation_accuracy{bound}"] for bound in ("_low", "", "_high"))
        assert 0 <= low <= mean <= high <= 1
        assert mean > 0.5
        assert not any("seconds" in name for name in figures)


def test_the_same_table_and_seed_give_the_same_files(table: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        assert run(table, "--out", tmp_path / name, "--seed", seed, "--kind", "svm").exit_code == 0

    def content(name: str) -> list[bytes]:
        return [(tmp_path / name / file).read_bytes() for file in (MODEL_FILE, MANIFEST_FILE, CARD_FILE)]

    assert content("one") == content("same")
    assert not any(one == other for one, other in zip(content("one"), content("other"), strict=True))


def test_only_the_kinds_that_are_named_are_tried(table: Path, tmp_path: Path) -> None:
    result = run(table, "--out", tmp_path / "bundle", "--kind", "random_forest", *LINEAR)

    assert result.exit_code == 0, result.stderr
    manifest = load_bundle(tmp_path / "bundle").manifest
    assert list(manifest.candidates) == ["logistic_regression", "random_forest"]
    assert manifest.version == "1"


def test_the_report_is_a_page_that_needs_no_other_file_and_its_pictures(table: Path, tmp_path: Path) -> None:
    report = tmp_path / "deep" / "report"

    result = run(table, "--out", tmp_path / "bundle", *LINEAR, "--report", report)

    assert result.exit_code == 0, result.stderr
    assert f"report: {report / PAGE}" in result.stdout
    pictures = {"open_set.png", "confusion_logistic_regression.png", "reliability_logistic_regression.png"}
    assert {path.name for path in report.iterdir()} == {PAGE, *pictures}
    assert all((report / name).read_bytes().startswith(b"\x89PNG") for name in pictures)
    page = (report / PAGE).read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "Within 0.002 of the greatest score" in page


def runs_of(data_dir: Path) -> dict[str, Run]:
    """The runs, those of the kinds among them, by name."""
    asked = client(data_dir)
    experiment = asked.get_experiment_by_name(EXPERIMENT)
    return {run.info.run_name: run for run in asked.search_runs([experiment.experiment_id])}


def test_a_run_is_on_record_with_its_kinds_its_figures_and_a_version(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.cli.KINDS", {kind: SMALL[kind] for kind in ("svm", "logistic_regression")})
    data_dir = empty_store(tmp_path / "data")
    out = tmp_path / "bundle"

    result = run(table, "--out", out, "--name", "mine", track=True)

    assert result.exit_code == 0, result.output
    assert "registered as version 1 of mine" in result.stdout
    assert "mlflow ui --backend-store-uri sqlite:///" in result.stdout
    manifest = load_bundle(out).manifest
    runs = runs_of(data_dir)
    assert runs.keys() == {"mine 1", "svm", "logistic_regression"}
    assert {run.info.status for run in runs.values()} == {"FINISHED"}
    whole = runs["mine 1"]
    assert whole.data.params["kind"] == manifest.kind
    assert whole.data.tags["seed"] == "0"
    assert whole.data.metrics.items() >= manifest.metrics.items()
    assert whole.data.metrics["data_hands"] == 80
    assert runs["svm"].data.params["anchors"] == "40.0"
    assert runs["svm"].data.metrics["evaluation_accuracy"] == manifest.candidates["svm"]["evaluation_accuracy"]
    assert runs["svm"].data.metrics["fit_seconds"] > 0
    figures = {file.path for file in client(data_dir).list_artifacts(whole.info.run_id, "figures")}
    assert figures == {f"figures/{name}" for name in (PAGE, "data_report.html", "data_report.png", "open_set.png",
                       "confusion_svm.png", "reliability_svm.png",
                       "confusion_logistic_regression.png", "reliability_logistic_regression.png")}  # fmt: skip
    version = client(data_dir).get_model_version("mine", "1")
    assert (version.run_id, version.tags["sha256"]) == (whole.info.run_id, manifest.sha256)
    shown = CliRunner().invoke(app, ["models", "show", "mine", "1", "--json"])
    assert json.loads(shown.stdout)["manifest"]["candidates"] == manifest.candidates


def test_a_store_that_cannot_be_used_is_said_before_anything_is_fitted(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")

    complaint(run(table, "--out", tmp_path / "bundle", *LINEAR, track=True), "127.0.0.1:9", "MLFLOW_TRACKING_URI")

    assert not (tmp_path / "bundle").exists()


@pytest.mark.long
def test_where_the_run_cannot_be_kept_in_the_end_the_bundle_is_there_all_the_same(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_store(tmp_path / "data")
    # A registered model may not be called this, which MLflow says at the end.
    result = run(table, "--out", tmp_path / "bundle", *LINEAR, "--name", "a/b", "--bundle-version", "1", track=True)

    complaint(result, f"the bundle is in {tmp_path / 'bundle'} all the same")
    assert load_bundle(tmp_path / "bundle").manifest.name == "a/b"


def test_photographs_are_reported_on(table: Path, tmp_path: Path) -> None:
    for gesture in ("palm", "no_gesture", "rock"):
        (tmp_path / "photos" / gesture).mkdir(parents=True)
        (tmp_path / "photos" / gesture / "1.jpg").write_bytes(render_still(gesture=gesture, seed=3))

    result = run(table, "--out", tmp_path / "bundle", "--photos", tmp_path / "photos", *LINEAR)

    assert result.exit_code == 0, result.stderr
    assert "skipped photographs of classes that are not in the data: rock (1)" in result.stderr
    metrics = load_bundle(tmp_path / "bundle").manifest.metrics
    assert (metrics["photos_gestures"], metrics["photos_found"], metrics["photos_others"]) == (1, 1, 1)
    assert "`photos_misnamed`" in (tmp_path / "bundle" / CARD_FILE).read_text(encoding="utf-8")
    assert "photographs of gestures rightly named" in result.stdout


def test_a_table_that_cannot_be_used_is_named_and_nothing_is_written(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "wave"))

    result = run(bad, "--out", tmp_path / "bundle")

    assert result.exit_code == 2
    assert "bad.csv" in result.stderr
    assert "20 are faulty" in result.stderr
    assert "--gesture wave" in result.stderr
    assert not (tmp_path / "bundle").exists()


def test_rows_left_out_are_counted(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "peece", 1))

    result = run(bad, "--out", tmp_path / "bundle", "--skip-faulty", *LINEAR)

    assert result.exit_code == 0, result.stderr
    assert "left out: 1 is faulty" in result.stderr
    assert "'peece'" in result.stderr
    card = (tmp_path / "bundle" / CARD_FILE).read_text(encoding="utf-8")
    assert "1 is faulty and left out (unknown label 'peece': 1)" in card
    assert load_bundle(tmp_path / "bundle").manifest.data["faulty"] == 1


def test_photographs_none_of_which_show_a_class_of_the_data_are_an_error(table: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "1.jpg").write_bytes(render_still(gesture="palm", seed=3))

    result = run(table, "--out", tmp_path / "bundle", "--photos", tmp_path / "holiday")

    complaint(result, "there are holiday")


def test_a_photograph_that_is_none_is_named_before_anything_is_fitted(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.cli.train_bundle", never)
    (tmp_path / "photos" / "palm").mkdir(parents=True)
    (tmp_path / "photos" / "palm" / "1.jpg").write_bytes(b"none")

    complaint(run(table, "--out", tmp_path / "bundle", "--photos", tmp_path / "photos"), "palm/1.jpg")


def test_a_label_with_brackets_is_shown_as_it_is(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "[/red]"))

    result = run(bad, "--out", tmp_path / "bundle")

    assert result.exit_code == 2
    assert "'[/red]'" in result.stderr


def test_an_unknown_kind_is_named_with_those_that_there_are(table: Path, tmp_path: Path) -> None:
    complaint(run(table, "--out", tmp_path / "bundle", "--kind", "perceptron"), "'perceptron'", *KINDS)


@pytest.mark.parametrize("option", ["--out", "--report"])
def test_a_folder_that_cannot_be_written_in_is_said_before_anything_is_fitted(
    option: str, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.cli.train_bundle", never)
    monkeypatch.chdir(tmp_path)
    obstacle = tmp_path / "[red]"
    obstacle.write_text("a file")

    complaint(run(table, option, obstacle / "folder"), str(obstacle), "no folder that can be written in")


def never(*_: Any, **__: Any) -> None:
    raise AssertionError("it was fitted")


def test_a_folder_that_vanishes_meanwhile_is_named_with_the_error(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "[bold]").mkdir()
    (tmp_path / "[bold]" / MODEL_FILE).mkdir()

    complaint(run(table, "--out", tmp_path / "[bold]", *LINEAR), "cannot write to", "[bold]", "directory")


@pytest.mark.parametrize(
    ("each", "gestures", "told"),
    [
        (20, ("palm", "fist"), "there are 2 gestures (fist, palm), 3 are needed"),
        (4, ("palm", "fist", "peace"), "fewer than 5 hands of fist (4), palm (4), peace (4)"),
    ],
)
def test_too_few_gestures_or_hands_are_named(each: int, gestures: tuple[str, ...], told: str, tmp_path: Path) -> None:
    points, labels = hands(each=each, gestures=gestures)
    few = write_table(tmp_path / "few.csv", points, labels.tolist())

    complaint(run(few, "--out", tmp_path / "bundle"), told)

    assert not (tmp_path / "bundle").exists()


def test_a_gesture_of_one_person_is_named(tmp_path: Path) -> None:
    points, labels = hands(each=10)
    people = ["ann" if label == "call" else f"person{row % 6}" for row, label in enumerate(labels)]
    alone = write_table(tmp_path / "alone.csv", points, labels.tolist(), more={"user_id": people})

    complaint(run(alone, "--out", tmp_path / "bundle", *LINEAR), "call: shown by too few people")


@dataclass(frozen=True)
class Interrupted:
    """Somebody presses Ctrl-C while the last model is fitted."""

    kind: ClassVar = "svm"
    fits: ClassVar[list[int]] = []

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        self.fits.append(seed)
        if len(self.fits) == 6:
            os.kill(os.getpid(), signal.SIGINT)
        return SMALL["logistic_regression"][0].fit(rows, names, seed=seed)


def test_ctrl_c_leaves_what_was_there_as_it_was(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "bundle"
    assert run(table, "--out", out, *LINEAR).exit_code == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    monkeypatch.setattr("training.cli.KINDS", {"svm": (Interrupted(),)})
    monkeypatch.setattr("training.cli.load_other_hands", lambda: few_others(5))

    result = run(table, "--out", out, "--report", tmp_path / "report")

    assert result.exit_code == 130
    assert "stopped, nothing was written" in result.stderr
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert not (tmp_path / "report").exists()


def test_ctrl_c_after_the_bundle_was_written_does_not_deny_it(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.report_page.pictures", stopped)

    result = run(table, "--out", tmp_path / "bundle", *LINEAR, "--report", tmp_path / "report")

    assert result.exit_code == 130
    assert f"the bundle is in {tmp_path / 'bundle'} all the same" in result.stderr
    assert load_bundle(tmp_path / "bundle").manifest.kind == "logistic_regression"


@pytest.mark.long
def test_a_run_that_is_neither_tracked_nor_drawn_needs_no_more_than_the_program_itself(
    table: Path, tmp_path: Path
) -> None:
    """`make setup` installs neither MLflow nor Jinja2."""
    program = (
        "import sys, importlib.abc\n"
        "class Missing(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('jinja2', 'mlflow'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from handstream.cli import app; app()\n"
    )
    words = [sys.executable, "-c", program, "train", table, "--out", tmp_path / "bundle", *LINEAR, "--no-track"]

    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert load_bundle(tmp_path / "bundle").manifest.kind == "logistic_regression"
    # And what is served needs nothing of what it was trained with.
    program = (
        "import sys, numpy, pathlib\n"
        "from recognition.bundle import load_bundle\n"
        "from recognition.features import features\n"
        "load_bundle(pathlib.Path(sys.argv[1])).classifier.predict_proba(features(numpy.ones((1, 21, 2))))\n"
        "assert not {'sklearn', 'lightgbm', 'scipy'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "bundle")], check=True)
