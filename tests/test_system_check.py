"""What no wheel can bring is found missing first, with the command that installs it."""

from __future__ import annotations

import pytest

from tools import system_check


def missing(monkeypatch: pytest.MonkeyPatch, *, manager: str, may_install: bool) -> None:
    def not_there(library: str) -> None:
        raise OSError(library)

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("ctypes.CDLL", not_there)
    monkeypatch.setattr(system_check, "package_manager", lambda: manager)
    monkeypatch.setattr(system_check, "without_asking", lambda: [] if may_install else None)


@pytest.mark.parametrize(
    ("manager", "command"),
    [
        ("apt-get", "sudo apt-get install -y --no-install-recommends libegl1 libgles2"),
        ("dnf", "sudo dnf install -y mesa-libEGL mesa-libGLES"),
    ],
)
def test_the_exact_command_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], manager: str, command: str
) -> None:
    missing(monkeypatch, manager=manager, may_install=False)

    assert system_check.main() == 1
    said = capsys.readouterr().err
    assert "libEGL.so.1" in said
    assert command in said


def test_nothing_missing_says_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda library: library)

    assert system_check.main() == 0
    assert capsys.readouterr().out == ""
