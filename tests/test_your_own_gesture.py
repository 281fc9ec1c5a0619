"""docs/your-own-gesture.md, followed line by line, with films of a rendered hand in the place of the webcam."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from events.prediction import decode_prediction
from handstream.cli import app
from recognition.bundle import load_bundle
from recognition.gestures import GESTURES
from tests.bundles import empty_store
from tests.producers.own_gesture import OWN, landmarks, write_film, write_photographs
from tests.test_docs import ROOT, command_lines
from tests.training.hands import write_table
from tests.training.small import SMALL
from training.dataset import read_hands
from training.kinds import KINDS

PAGE = ROOT / "docs" / "your-own-gesture.md"
PEOPLE = {"ann": 1, "bob": 2, "eve": 3}
OTHERS = ("fist", "like", "palm", "rock")
HANDS_EACH = 24


def write_landmarks(folder: Path) -> None:
    """Hands of all 18 gestures, of twelve people."""
    random = np.random.default_rng(0)
    labels = [name for name in GESTURES for _ in range(HANDS_EACH)]
    points = np.stack([landmarks(name, random=random) for name in labels])
    people = [f"person{number % 12}" for number in range(len(labels))]
    folder.mkdir()
    write_table(folder / "hands.csv", points, labels, more={"user_id": people})


def run(words: list[str], *, films: Path) -> Result:
    """One line of the page; a webcam is a film of the same gesture and person."""
    if words[-1] == "webcam":
        gesture, person = words[words.index("--gesture") + 1], words[words.index("--person") + 1]
        film = write_film(films / f"{gesture}-{person}.avi", gesture, person=PEOPLE[person], count=48)
        words = [*words[:-1], "video", str(film)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, f"{' '.join(words)}: {result.output}"
    return result


def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "evaluation.json").read_text())
    return found


@pytest.mark.timeout(600)
@pytest.mark.usefixtures("no_mlflow_named")
def test_the_page_leads_to_a_model_that_knows_the_gesture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HANDSTREAM_DATA_DIR", str(empty_store(tmp_path / "data")))
    # The two that take longest with fewer trees.
    fewer = {kind: SMALL[kind] for kind in ("random_forest", "lightgbm")}
    monkeypatch.setattr("training.cli.KINDS", {**KINDS, **fewer})
    write_landmarks(tmp_path / "landmarks")
    for gesture, people in (
        (OWN, range(20, 28)),
        ("no_gesture", range(30, 34)),
        *((name, range(40, 43)) for name in OTHERS),
    ):
        write_photographs(tmp_path / "photos", gesture, people=people)

    results = [(words, run(words, films=tmp_path / "films")) for words in command_lines(PAGE)]

    recorded = read_hands([tmp_path / "recordings"], cache_dir=tmp_path)
    assert set(recorded.labels) == {OWN, "no_gesture"}
    assert set(recorded.people) == set(PEOPLE)
    assert (recorded.labels == OWN).sum() > 100
    assert (tmp_path / "data-report" / "data_report.html").is_file()
    bundle = load_bundle(tmp_path / "models" / "mine")
    assert set(bundle.manifest.classes) == {*GESTURES, OWN, "no_gesture"}
    assert list(bundle.manifest.candidates) == list(KINDS)
    versions = json.loads(run(["models", "list", "mine", "--json"], films=tmp_path).stdout)
    assert [one["version"] for one in versions] == ["1"]
    mine, shipped = figures(tmp_path / "evaluation-mine"), figures(tmp_path / "evaluation-shipped")
    assert mine["classes"][OWN]["recall"]["value"] >= 0.75
    assert mine["rates"]["accuracy"]["value"] >= 0.7
    assert OWN not in shipped["classes"]
    assert shipped["passed_over"]["images in folders of no class"] == 8
    predicted = [result for words, result in results if words[0] == "predict"]
    named = [decode_prediction(line.encode()).gesture for line in predicted[-1].stdout.splitlines()]
    assert named.count(OWN) >= 6
