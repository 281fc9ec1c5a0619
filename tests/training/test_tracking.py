"""What a training run leaves in a real MLflow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from recognition.bundle import SHIPPED_BUNDLE, BundleError, load_bundle
from recognition.registry_place import RegistryError
from training.tracking import EXPERIMENT, TrackedRun, Tracker

pytestmark = pytest.mark.usefixtures("no_mlflow_named")

SOURCES = {"hands.csv": "a" * 64, "photos": "b" * 64}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Making the store takes seconds: one for all tests here."""
    return tmp_path_factory.mktemp("data")


def client(tracker: Tracker) -> MlflowClient:
    return MlflowClient(tracking_uri=tracker.place.tracking_uri)


def runs(tracker: Tracker, name: str) -> dict[str, Run]:
    """The run of that name and those of its kinds, by name."""
    asked = client(tracker)
    experiment = asked.get_experiment_by_name(EXPERIMENT)
    (whole,) = asked.search_runs([experiment.experiment_id], f"attributes.run_name = '{name}'")
    below = asked.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{whole.info.run_id}'")
    return {run.info.run_name: run for run in (whole, *below)}


def record(tracker: Tracker, name: str, *, model: str) -> str:
    with tracker.run(name, tags={"seed": "0"}) as run:
        run.dataset(SOURCES, figures={"hands": 120.0, "hands_a/b (c)": 3.0})
        for kind, accuracy in (("svm", 0.95), ("random_forest", 0.91)):
            run.params({"depth": 3, "tuned": True}, kind=kind)
            run.metrics({"evaluation_accuracy": accuracy}, kind=kind)
            run.figure("confusion.png", b"\x89PNG", kind=kind)
        run.params({f"p{number}": number for number in range(150)})
        run.metrics({"evaluation_accuracy": 0.95})
        run.figure("data_report.html", "<p>report</p>")
        run.figure("card.md", SHIPPED_BUNDLE / "MODEL_CARD.md")
        return run.register(SHIPPED_BUNDLE, name=model)


@pytest.mark.timeout(400)
@pytest.mark.parametrize("where", ["our own store", pytest.param("a server", marks=pytest.mark.long)])
def test_a_run_is_on_record_with_its_kinds_data_figures_and_bundle(
    where: str, data_dir: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "a server":
        monkeypatch.setenv("MLFLOW_TRACKING_URI", request.getfixturevalue("mlflow_uri"))
    tracker = Tracker.open(data_dir=data_dir)

    assert tracker.next_version("tracked") == "1"
    assert record(tracker, "first", model="tracked") == "1"
    assert record(tracker, "second", model="tracked") == "2"
    assert tracker.next_version("tracked") == "3"

    found = runs(tracker, "second")
    whole = found["second"]
    assert set(found) == {"second", "svm", "random_forest"}
    assert {run.info.status for run in found.values()} == {"FINISHED"}
    assert found["random_forest"].data.metrics == {"evaluation_accuracy": 0.91}
    assert found["svm"].data.params == {"depth": "3", "tuned": "True"}
    assert whole.data.metrics == {"evaluation_accuracy": 0.95, "data_hands": 120.0, "data_hands_a/b _c_": 3.0}
    assert len(whole.data.params) == 150
    sources = [json.loads(one.dataset.source) for one in whole.inputs.dataset_inputs]
    assert {one["name"]: one["sha256"] for one in sources} == SOURCES
    asked = client(tracker)
    assert {file.path for file in asked.list_artifacts(whole.info.run_id, "figures")} == {
        "figures/card.md",
        "figures/data_report.html",
    }
    assert [file.path for file in asked.list_artifacts(found["svm"].info.run_id, "figures")] == [
        "figures/confusion.png"
    ]
    version = asked.get_model_version("tracked", "2")
    assert version.run_id == whole.info.run_id
    assert version.tags["kind"] == load_bundle().manifest.kind
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    asked.download_artifacts(whole.info.run_id, "bundle", str(tmp_path))
    for file in SHIPPED_BUNDLE.iterdir():
        assert (tmp_path / "bundle" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize(("error", "status"), [(KeyboardInterrupt, "KILLED"), (ValueError, "FAILED")])
def test_a_run_that_ends_early_says_so(data_dir: Path, error: type[BaseException], status: str) -> None:
    tracker = Tracker.open(data_dir=data_dir)

    def end_early(run: TrackedRun) -> None:
        run.params({"depth": 1}, kind="svm")
        raise error

    with pytest.raises(error), tracker.run(status) as run:
        end_early(run)

    assert {one.info.status for one in runs(tracker, status).values()} == {status}


def test_what_is_no_bundle_is_not_registered(data_dir: Path, tmp_path: Path) -> None:
    tracker = Tracker.open(data_dir=data_dir)

    with pytest.raises(BundleError, match=r"manifest\.json"), tracker.run("without") as run:
        run.register(tmp_path, name="nothing")

    assert tracker.next_version("nothing") == "1"


def test_a_server_that_is_not_there_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://ann:secret@127.0.0.1:9")

    with pytest.raises(RegistryError) as caught, Tracker.open(data_dir=tmp_path).run("never"):
        pass

    assert "does not answer at http://***@127.0.0.1:9 (Connection refused): start it" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.long
def test_nothing_is_said_and_nobody_is_told(tmp_path: Path) -> None:
    program = """
import sys
from pathlib import Path
from training.tracking import Tracker
with Tracker.open(data_dir=Path(sys.argv[1])).run("quiet") as run:
    run.metrics({"a": 1.0})
    run.register(Path(sys.argv[2]), name="gestures")
from mlflow.telemetry.utils import is_telemetry_disabled
assert is_telemetry_disabled()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(SHIPPED_BUNDLE)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
