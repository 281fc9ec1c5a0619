"""`handstream evaluate card` as a user meets it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from handstream.cli import app
from producers.synthetic import render_still
from recognition.bundle import SHIPPED_BUNDLE, read_manifest


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    (folder / "palm").mkdir()
    (folder / "palm" / "3.jpg").write_bytes(render_still(gesture="palm", seed=3))
    result = CliRunner().invoke(app, ["evaluate", "images", str(folder), "--json"])
    assert result.exit_code == 0, result.stderr
    (folder / "evaluation.json").write_text(result.stdout)
    return folder / "evaluation.json"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED_BUNDLE, tmp_path / "bundle"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", "card", *map(str, arguments)])


def test_what_was_measured_is_written_into_the_card(evaluation: Path, bundle: Path) -> None:
    result = run(bundle, evaluation)

    assert result.exit_code == 0, result.stderr
    card = (bundle / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"| `{evaluation.parent.name}` | 1 | " in card
    assert "## Limits" in card


def test_what_cannot_stand_in_the_card_is_code_2(evaluation: Path, bundle: Path, tmp_path: Path) -> None:
    before = (bundle / "MODEL_CARD.md").read_bytes()
    (tmp_path / "text.json").write_text("{")
    (tmp_path / "other.json").write_text(
        evaluation.read_text().replace(f"gestures {read_manifest(bundle).version}", "gestures 2")
    )
    for arguments, told in (
        ((tmp_path, evaluation), "manifest.json"),
        ((bundle, tmp_path / "nowhere.json"), "nowhere.json cannot be read"),
        ((bundle, tmp_path / "text.json"), "text.json is no JSON document"),
        ((bundle, evaluation, tmp_path / "other.json"), "other.json is of gestures 2"),
    ):
        result = run(*arguments)
        assert result.exit_code == 2, arguments
        assert told in result.stderr, arguments
    assert (bundle / "MODEL_CARD.md").read_bytes() == before
