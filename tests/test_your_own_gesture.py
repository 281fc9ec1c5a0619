"""docs/your-own-gesture.md, followed line by line, with films of a rendered hand in the place of the webcam."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from events.prediction import Prediction, decode_prediction
from handstream.cli import app
from recognition.bundle import SHIPPED_BUNDLE, load_bundle, read_manifest
from recognition.gestures import GESTURES
from settings import Settings
from stream_app.cli import default_process_count
from tests.producers.own_gesture import OWN, write_film, write_photographs
from tests.stream_app.worker_process import environment, metrics, two_free_ports, wait_for, worker
from tests.test_docs import ROOT, command_lines
from training.dataset import read_hands

PAGE = ROOT / "docs" / "your-own-gesture.md"
PEOPLE = {"ann": 1, "bob": 2, "eve": 3, "dan": 4}
BEFORE_THE_CAMERA = "dan"
OTHERS = ("fist", "like", "palm", "rock")
PICTURES = 48


@dataclass(kw_only=True)
class Newcomer:
    """Follows the page; what runs in another terminal runs on until the end.

    in_short: one worker process for `up`.
    """

    settings: Settings
    folder: Path
    in_short: bool
    others: ExitStack
    monkeypatch: pytest.MonkeyPatch
    port: int = field(default_factory=two_free_ports)

    @property
    def processes(self) -> int:
        return 1 if self.in_short else default_process_count(self.settings)

    def follow(self, words: Sequence[str]) -> Result | None:
        """One line of the page; None where it goes on in a terminal of its own."""
        if words[0] == "up":
            # What the page puts before `tail` in the third terminal.
            self.monkeypatch.setenv("HANDSTREAM_MODEL", "models:/mine@champion")
            self._keep_running(["worker", "--processes", "1", *words[1:]] if self.in_short else words)
            return None
        return run(self._without_a_webcam(words))

    def _without_a_webcam(self, words: Sequence[str]) -> Sequence[str]:
        """And so that it ends by itself, and soon."""
        match list(words):
            case ["record", *rest, "webcam"] if "predictions" not in rest:
                gesture, person = (rest[rest.index(name) + 1] for name in ("--gesture", "--person"))
                return ["record", *rest, "video", self._film(gesture, person)]
            case ["record", *rest]:
                return ["record", *rest, "--from", "earliest"]
            case ["produce", "webcam", *rest]:
                return ["produce", "video", self._film(OWN, BEFORE_THE_CAMERA), "--camera", "webcam", *rest]
            case ["tail", *rest]:
                return ["tail", *rest, "--from", "earliest", "--until-end", "--idle-timeout", "90"]
            case ["train", *rest]:
                return ["train", *(str(SHIPPED_BUNDLE) if word == "models/gestures" else word for word in rest)]
        return words

    def wait_for_version(self, version: str) -> None:
        for number in range(self.processes):
            wait_for(lambda port=self.port + number: self._serves(port, version), f"version {version}")

    def _film(self, gesture: str, person: str) -> str:
        path = self.folder / f"{gesture}-{person}.avi"
        return str(write_film(path, gesture, person=PEOPLE[person], count=PICTURES))

    def _keep_running(self, words: Sequence[str]) -> None:
        self.others.enter_context(
            worker(
                self.settings,
                sys.executable,
                "-m",
                "handstream.cli",
                *words,
                log=self.folder / "first_terminal.log",
                HANDSTREAM_METRICS_PORT=str(self.port),
                HANDSTREAM_GATEWAY_PORT="0",
                HANDSTREAM_MODEL_POLL_SECONDS="0.2",
            )
        )

    def _serves(self, port: int, version: str) -> bool:
        try:
            lines = metrics(port).splitlines()
        except OSError:
            return False
        return any(
            line.startswith("handstream_model_info{") and 'name="mine"' in line and f'version="{version}"' in line
            for line in lines
        )


def run(words: Sequence[str]) -> Result:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 0, f"{' '.join(words)}: {result.output}"
    return result


def figures(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "evaluation.json").read_text())
    return found


def predictions(result: Result) -> list[Prediction]:
    return [decode_prediction(line.encode()) for line in result.stdout.splitlines() if line.startswith("{")]


@pytest.fixture(params=[True, False], ids=["in_short", "to_the_letter"])
def newcomer(
    request: pytest.FixtureRequest,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_mlflow_named: None,
) -> Iterator[Newcomer]:
    """In an empty folder, with photographs of others, and settings of the test's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANDSTREAM_MODEL", raising=False)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    for gesture, people in (
        (OWN, range(20, 28)),
        ("no_gesture", range(30, 34)),
        *((name, range(40, 43)) for name in OTHERS),
    ):
        write_photographs(tmp_path / "photos", gesture, people=people)
    with ExitStack() as others:
        folder = tmp_path / "of_the_test"
        folder.mkdir()
        yield Newcomer(settings=settings, folder=folder, in_short=request.param, others=others, monkeypatch=monkeypatch)


@pytest.mark.broker
@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_page_leads_to_a_model_that_knows_the_gesture_in_the_stream(newcomer: Newcomer, tmp_path: Path) -> None:
    lines = list(command_lines(PAGE))

    results = [(words, newcomer.follow(words)) for words in lines]

    of = {words[0]: result for words, result in results if result is not None}
    recorded = read_hands([tmp_path / "recordings"], cache_dir=tmp_path)
    assert set(recorded.labels) == {OWN, "no_gesture"}
    assert set(recorded.people) == set(PEOPLE)
    assert (recorded.labels == OWN).sum() > 100
    assert (tmp_path / "data-report" / "data_report.html").is_file()
    bundle = load_bundle(tmp_path / "models" / "mine")
    assert set(bundle.manifest.classes) == {*GESTURES, OWN, "no_gesture"}
    assert bundle.manifest.metrics["extension_false_positive_rate"] < 0.03
    mine, shipped = figures(tmp_path / "evaluation-mine"), figures(tmp_path / "evaluation-shipped")
    assert mine["classes"][OWN]["recall"]["value"] >= 0.75
    assert mine["rates"]["accuracy"]["value"] >= 0.7
    assert OWN not in shipped["classes"]
    assert shipped["passed_over"]["images in folders of no class"] == 8
    assert [one.gesture for one in predictions(of["predict"])].count(OWN) >= 6

    seen = predictions(of["tail"])
    assert len(seen) >= PICTURES * 3 // 4
    assert {one.camera for one in seen} == {"webcam"}
    assert {(one.model.name, one.model.version) for one in seen} == {("mine", "1")}
    assert {one.gesture for one in seen} == {OWN}

    # The last line of the page has promoted version 2; the workers of version 1 still run.
    newcomer.wait_for_version("2")
    for command in ("produce", "tail"):
        again = newcomer.follow(next(words for words in lines if words[0] == command))
    assert again is not None
    later = predictions(again)[len(seen) :]
    assert len(later) >= PICTURES * 3 // 4
    assert {(one.model.version, one.model.sha256) for one in later} == {
        ("2", read_manifest(tmp_path / "models" / "mine").sha256)
    }
