"""`handstream train` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from handstream.cli import app
from producers.synthetic import render_still
from recognition.bundle import load_bundle
from tests.training.hands import hands, write_table


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    points, labels = hands(each=30)
    return write_table(tmp_path_factory.mktemp("tables") / "hands.csv", points, labels.tolist())


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
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    for told in ("Drawn by a test", bundle.model.sha256, "| `peace` | 30 |", "## Not for"):
        assert told in card
    assert "HaGRID" not in card


def test_the_same_table_and_seed_give_the_same_model(table: Path, tmp_path: Path) -> None:
    for name, seed in (("one", 0), ("same", 0), ("other", 1)):
        assert run(table, "--out", tmp_path / name, "--seed", seed).exit_code == 0

    one, same, other = ((tmp_path / name / "manifest.json").read_text() for name in ("one", "same", "other"))
    assert one == same
    assert one != other


def test_photographs_are_reported_on(table: Path, tmp_path: Path) -> None:
    for gesture in ("palm", "no_gesture"):
        (tmp_path / "photos" / gesture).mkdir(parents=True)
        (tmp_path / "photos" / gesture / "1.jpg").write_bytes(render_still(gesture=gesture, seed=3))

    result = run(table, "--out", tmp_path / "bundle", "--photos", tmp_path / "photos")

    assert result.exit_code == 0, result.stderr
    metrics = load_bundle(tmp_path / "bundle").manifest.metrics
    assert (metrics["photos_gestures"], metrics["photos_found"], metrics["photos_others"]) == (1, 1, 1)


def test_a_table_that_cannot_be_used_is_named_and_nothing_is_written(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "wave"))

    result = run(bad, "--out", tmp_path / "bundle")

    assert result.exit_code == 2
    assert "bad.csv" in result.stderr
    assert "30 are faulty" in result.stderr
    assert "--gesture wave" in result.stderr
    assert not (tmp_path / "bundle").exists()


def test_rows_left_out_are_counted(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "peece", 1))

    result = run(bad, "--out", tmp_path / "bundle", "--skip-faulty")

    assert result.exit_code == 0, result.stderr
    assert "left out: 1 is faulty" in result.stderr
    assert "'peece'" in result.stderr
    card = (tmp_path / "bundle" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "1 is faulty and left out (unknown label 'peece': 1)" in card
    assert load_bundle(tmp_path / "bundle").manifest.data["faulty"] == 1


def test_a_photograph_in_a_folder_of_no_gesture_is_named(table: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "1.jpg").write_bytes(render_still(gesture="palm", seed=3))

    result = run(table, "--out", tmp_path / "bundle", "--photos", tmp_path / "holiday")

    assert result.exit_code == 2
    assert "1.jpg" in result.stderr


def test_a_label_with_brackets_is_shown_as_it_is(table: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(table.read_text().replace("peace", "[/red]"))

    result = run(bad, "--out", tmp_path / "bundle")

    assert result.exit_code == 2
    assert "'[/red]'" in result.stderr
