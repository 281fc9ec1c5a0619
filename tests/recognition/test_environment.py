"""The rooms without a broker read the same settings as those with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from broker.settings import load_settings
from recognition.assets import default_cache_dir
from recognition.environment import setting, switch_setting
from recognition.registry_place import default_data_dir


@pytest.mark.parametrize("place", ["environment", "file", "both", "empty", "nowhere"])
def test_folders_and_model_are_those_of_the_settings(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ("MODEL", "DATA_DIR", "CACHE_DIR")
    for name in names:
        monkeypatch.delenv(f"HANDSTREAM_{name}", raising=False)
    if place in ("file", "both"):
        lines = (f"handstream_{name.lower()}={tmp_path / 'in file' / name}" for name in names)
        Path(".env").write_text("\n".join(lines))
    for name in names:
        if place in ("environment", "both"):
            monkeypatch.setenv(f"HANDSTREAM_{name}", str(tmp_path / "in environment" / name))
        elif place == "empty":
            monkeypatch.setenv(f"HANDSTREAM_{name}", "")

    settings = load_settings()

    assert setting("MODEL") == settings.model
    assert default_data_dir() == settings.data_dir
    assert default_cache_dir() == settings.cache_dir


@pytest.mark.parametrize("value", ["", "true", "TRUE", "1", "on", "yes", "Y", "t", "false", "0", "off", "no", "n", "F"])
def test_switches_are_those_of_the_settings(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSTREAM_WORLD_LANDMARKS", value)

    assert switch_setting("WORLD_LANDMARKS") is load_settings().world_landmarks
