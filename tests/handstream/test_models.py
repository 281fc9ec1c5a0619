"""`handstream models` as a user meets it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from events.prediction import decode_prediction
from handstream.cli import app
from handstream.models.figures import differences, side_by_side
from producers.synthetic import render_still
from recognition.bundle import (
    CARD_FILE,
    MANIFEST_FILE,
    MODEL_FILE,
    PICKLE_FILE,
    SHIPPED_BUNDLE,
    load_bundle,
    read_manifest,
)
from recognition.features import FEATURE_COUNT
from tests.bundles import (
    damage,
    empty_store,
    register,
    register_unchecked,
    shipped,
    write_bundle,
    write_pickle_bundle,
)


def candidates(accuracy: float) -> dict[str, dict[str, float]]:
    return {"svm": {"training_accuracy": 0.99, "evaluation_accuracy": accuracy}}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Versions 1 and 2 of `gestures`, and 3, which was damaged and 4, which was trained on other features."""
    data_dir = empty_store(tmp_path_factory.mktemp("data"))
    folders = tmp_path_factory.mktemp("bundles")
    for number, accuracy in (("1", 0.95), ("2", 0.962)):
        folder = write_bundle(folders / number, version=number, kind="svm", candidates=candidates(accuracy))
        (folder / CARD_FILE).write_bytes((SHIPPED_BUNDLE / CARD_FILE).read_bytes())
        register(data_dir, folder)
    register_unchecked(data_dir, damage(write_bundle(folders / "3", version="3")))
    register_unchecked(data_dir, write_bundle(folders / "4", version="4", features="older.v0"))
    return data_dir


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_mlflow_named: None) -> None:
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def store(filled: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(filled))
    return filled


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["models", *map(str, arguments)])


def champion() -> str | None:
    versions = json.loads(run("list", "gestures", "--json").stdout)
    return next((one["version"] for one in versions if "champion" in one["aliases"]), None)


@pytest.mark.usefixtures("store")
def test_a_version_is_promoted_and_what_was_champion_before_is_said() -> None:
    for number, told in (("1", "none before"), ("2", "it was 1"), ("2", "as before")):
        result = run("promote", "gestures", number)

        assert result.exit_code == 0, result.stderr
        assert f"models:/gestures@champion is version {number} now, " in result.stdout
        assert told in result.stdout
        assert champion() == number
    assert json.loads(run("promote", "gestures", "1", "--json").stdout) == {
        "name": "gestures",
        "alias": "champion",
        "version": "1",
        "before": "2",
    }


@pytest.mark.usefixtures("store")
def test_another_alias_leaves_the_champion_alone() -> None:
    run("promote", "gestures", "1")

    assert run("promote", "gestures", "2", "--alias", "canary").exit_code == 0
    assert champion() == "1"
    assert run("promote", "gestures", "canary").exit_code == 0
    assert champion() == "2"


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("number", "told"), [("3", "sha256"), ("4", "older.v0")])
def test_what_could_not_be_served_is_not_promoted(number: str, told: str) -> None:
    run("promote", "gestures", "2")

    result = run("promote", "gestures", number)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert f"models:/gestures/{number}" in result.stderr
    assert champion() == "2"


@pytest.mark.usefixtures("store")
def test_the_list_shows_all_versions_the_newest_first() -> None:
    run("promote", "gestures", "2")

    table = run("list").stdout
    versions = json.loads(run("list", "--json").stdout)

    assert [one["version"] for one in versions] == ["4", "3", "2", "1"]
    assert versions[2]["tags"]["sha256"] == shipped().model.sha256
    (line,) = (line for line in table.splitlines() if "champion" in line)
    for told in ("gestures", "2", "svm", "0.962", shipped().model.sha256[:12]):
        assert told in line


@pytest.mark.usefixtures("store")
def test_a_version_is_shown() -> None:
    run("promote", "gestures", "2")

    for arguments in (("gestures",), ("gestures", "2"), ("gestures", "champion"), ("models:/gestures@champion",)):
        told = run("show", *arguments).stdout
        assert "gestures 2" in told
        assert "svm: evaluation_accuracy" in told
        assert "0.962" in told
    manifest = json.loads(run("show", "gestures", "1", "--json").stdout)["manifest"]
    assert manifest["candidates"] == candidates(0.95)


@pytest.mark.usefixtures("store")
def test_versions_are_compared_with_their_differences() -> None:
    table = run("compare", "gestures", "1", "2").stdout
    found = json.loads(run("compare", "gestures", "1", "2", "--json").stdout)

    (line,) = (line for line in table.splitlines() if "svm: evaluation_accuracy" in line)
    assert "0.962 (+0.012)" in line
    assert "data: hands_palm" not in table
    assert "the same in all" in table
    assert found["figures"]["svm: evaluation_accuracy"] == [0.95, 0.962]
    assert found["differences"]["svm: evaluation_accuracy"] == [0.0, pytest.approx(0.012)]


def test_a_figure_that_one_version_lacks_has_no_difference() -> None:
    rows = side_by_side([{"a": 1.0}, {"b": 2.0, "a": 3.0}])

    assert rows == {"a": [1.0, 3.0], "b": [None, 2.0]}
    assert differences(rows["a"]) == [0.0, 2.0]
    assert differences(rows["b"]) == [None, None]


@pytest.mark.usefixtures("store")
def test_an_exported_bundle_is_served_without_the_registry(tmp_path: Path) -> None:
    picture = tmp_path / "palm.jpg"
    picture.write_bytes(render_still(gesture="palm", seed=3))
    out = tmp_path / "deep" / "mine"

    for number in ("1", "2"):
        result = run("export", "gestures", number, "--out", out)
        assert result.exit_code == 0, result.stderr
        assert load_bundle(out).model.version == number
    assert sorted(path.name for path in out.iterdir()) == sorted((MODEL_FILE, MANIFEST_FILE, CARD_FILE))
    assert [path.name for path in out.parent.iterdir()] == ["mine"]
    for model in (str(out), "models:/gestures/2"):
        predicted = CliRunner().invoke(app, ["predict", str(picture), "--model", model])
        assert predicted.exit_code == 0, predicted.stderr
        assert decode_prediction(predicted.stdout.encode()).model == load_bundle(out).model


def test_an_old_bundle_is_converted_into_the_same_model(tmp_path: Path) -> None:
    old = write_pickle_bundle(tmp_path / "old", version="5")
    (old / CARD_FILE).write_text(f"Model file `{PICKLE_FILE}`, sha256 `{read_manifest(old).sha256}`.")
    before = (old / PICKLE_FILE).read_bytes()

    result = run("convert", old, "--out", tmp_path / "new", "--trust")

    assert result.exit_code == 0, result.stderr
    new = load_bundle(tmp_path / "new")
    assert new.model.sha256 in result.stdout
    # Bundles of the old format had no thresholds of single gestures.
    assert new.manifest == replace(shipped().manifest, version="5", sha256=new.manifest.sha256, thresholds={})
    rows = np.random.default_rng(0).normal(size=(50, FEATURE_COUNT))
    np.testing.assert_array_equal(
        new.classifier.predict_proba(rows), joblib.load(old / PICKLE_FILE).predict_proba(rows)
    )
    assert (tmp_path / "new" / CARD_FILE).read_text() == f"Model file `{MODEL_FILE}`, sha256 `{new.model.sha256}`."
    # And the old one is as it was.
    assert (old / PICKLE_FILE).read_bytes() == before
    assert not (old / MODEL_FILE).exists()


def test_an_old_bundle_is_converted_where_it_is(tmp_path: Path) -> None:
    old = write_pickle_bundle(tmp_path / "old")

    assert run("convert", old, "--trust").exit_code == 0

    assert sorted(path.name for path in old.iterdir()) == [MANIFEST_FILE, MODEL_FILE]
    assert load_bundle(old).model == shipped().model
    again = run("convert", old, "--trust")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "nothing to convert" in again.stderr


class Bomb:
    """Unpickling it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self._trace = str(trace)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._trace,)


def test_nothing_is_unpickled_without_trust(tmp_path: Path) -> None:
    old = write_pickle_bundle(tmp_path / "old", content=Bomb(tmp_path / "went off"))

    result = run("convert", old)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "runs whatever code" in result.stderr
    assert "--trust" in result.stderr
    assert not (tmp_path / "went off").exists()
    # What the warning is about.
    trusted = run("convert", old, "--trust")
    assert (trusted.exit_code, (tmp_path / "went off").exists()) == (2, True)
    assert "train it again" in trusted.stderr


def test_a_damaged_or_outdated_old_bundle_is_not_unpickled(tmp_path: Path) -> None:
    damaged = write_pickle_bundle(tmp_path / "damaged", content=Bomb(tmp_path / "went off"))
    with (damaged / PICKLE_FILE).open("ab") as file:
        file.write(b"more")
    outdated = write_pickle_bundle(tmp_path / "outdated", content=Bomb(tmp_path / "went off"), features="older.v0")

    for folder, told in ((damaged, "sha256"), (outdated, "older.v0"), (tmp_path / "nowhere", "no model bundle")):
        result = run("convert", folder, "--trust")
        assert (result.exit_code, result.stdout) == (2, "")
        assert told in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "went off").exists()


def test_an_old_version_of_the_registry_is_shown_but_not_served_until_it_is_converted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data_dir = empty_store(tmp_path / "store")
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(data_dir))
    register_unchecked(data_dir, write_pickle_bundle(tmp_path / "old", version="1"))
    uri = "models:/gestures/1"

    shown = run("show", "gestures", "1", "--json")
    refused = run("promote", "gestures", "1")
    converted = run("convert", uri, "--out", tmp_path / "new", "--trust")

    assert json.loads(shown.stdout)["manifest"]["format"] == 1
    assert refused.exit_code == 2
    assert f"handstream models convert {uri}" in refused.stderr
    assert converted.exit_code == 0, converted.stderr
    assert load_bundle(tmp_path / "new").model.sha256 == shipped().model.sha256
    assert run("convert", uri, "--trust").exit_code == 2


@pytest.mark.usefixtures("store")
def test_a_folder_of_something_else_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")

    result = run("export", "gestures", "1", "--out", tmp_path / "photos")

    assert result.exit_code == 2
    assert "holds no model bundle" in result.stderr
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["a.jpg"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("list", "nobody"), "there is no model 'nobody'"),
        (("show", "gestures", "9"), "has no version 9"),
        (("show", "gestures", "nobody"), "has no alias 'nobody'"),
        (("show", "models:/gestures"), "models:/NAME@ALIAS"),
        (("convert", "models:/gestures/1", "--out", "new", "--trust"), "is of format 2 already"),
        (("compare", "gestures", "1", "9"), "has no version 9"),
        (("promote", "gestures", "1", "--alias", "v2"), "v2"),
        (("export", "nobody", "--out", "x"), "there is no model 'nobody'"),
    ],
)
def test_what_is_not_there_is_one_clear_line(arguments: tuple[str, ...], told: str) -> None:
    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [("promote", "gestures"), ("promote", "gestures", "1", "--alias", "7"), ("compare", "gestures", "1")]
)
def test_bad_use_is_named(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_no_registry_yet_is_said() -> None:
    result = run("list")

    assert result.exit_code == 2
    assert "handstream train" in result.stderr


def test_a_server_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")

    result = run("list")

    assert result.exit_code == 2
    assert "does not answer at http://127.0.0.1:9" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
