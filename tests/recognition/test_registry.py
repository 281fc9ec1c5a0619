"""Bundles from a real MLflow registry."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from recognition.bundle import MODEL_FILE, SHIPPED_BUNDLE, BundleError, Refusal
from recognition.bundle_registry import RegistrySource
from recognition.bundle_source import SourceUnavailable
from recognition.bundle_sources import bundle_source, check_model
from recognition.model_uri import ModelUri, parse_model_uri
from recognition.registry import Registry
from recognition.registry_place import RegistryError, registry_place
from tests.bundles import (
    champion_of,
    client,
    damage,
    empty_store,
    register,
    register_unchecked,
    shipped,
    write_bundle,
)

pytestmark = pytest.mark.usefixtures("no_mlflow_named")

Model = Callable[[str], str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return empty_store(tmp_path_factory.mktemp("data"))


@pytest.fixture
def name() -> str:
    """Of a model of the test's own."""
    return f"m{uuid.uuid4().hex[:8]}"


@pytest.fixture
def registry(store: Path, tmp_path: Path) -> Registry:
    return Registry.open(data_dir=store, cache_dir=tmp_path / "cache")


@pytest.fixture
def two(store: Path, name: str, tmp_path: Path) -> None:
    """Versions 1 and 2, whose manifests call them other names; 1 is the champion."""
    for number in ("one", "two"):
        register(store, write_bundle(tmp_path / number, version=number), name=name)
    champion_of(store, "1", name=name)


def source(store: Path, tmp_path: Path, uri: str) -> RegistrySource:
    return RegistrySource(parse_model_uri(uri), data_dir=store, cache_dir=tmp_path / "cache")


@pytest.mark.usefixtures("two")
def test_a_bundle_is_served_under_the_name_and_number_of_the_registry(registry: Registry, name: str) -> None:
    for uri, number in ((ModelUri(name=name, alias="champion"), "1"), (ModelUri(name=name, version="2"), "2")):
        bundle = registry.load(registry.find(uri))

        assert (bundle.model.name, bundle.model.version) == (name, number)
        assert bundle.model.sha256 == shipped().model.sha256


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_server_gives_the_same_as_our_own_store(
    mlflow_uri: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_uri)
    register(tmp_path, write_bundle(tmp_path / "one", version="one"), name=name)
    champion_of(tmp_path, "1", name=name)
    watched = source(tmp_path, tmp_path, f"models:/{name}@champion")
    assert watched.load().model.version == "1"

    register(tmp_path, write_bundle(tmp_path / "two", version="two"), name=name)
    bad = register_unchecked(tmp_path, damage(write_bundle(tmp_path / "bad", version="bad")), name=name)
    assert watched.poll() is None
    champion_of(tmp_path, "2", name=name)
    bundle = watched.poll()
    assert bundle is not None
    assert bundle.model.version == "2"
    champion_of(tmp_path, bad, name=name)
    with pytest.raises(BundleError, match=f"models:/{name}/3"):
        watched.poll()
    assert not (tmp_path / "mlflow").exists()


@pytest.mark.usefixtures("two")
def test_what_was_fetched_is_kept_and_checked_each_time(
    registry: Registry, store: Path, name: str, tmp_path: Path
) -> None:
    version = registry.find(ModelUri(name=name, version="2"))
    folder = registry.fetch(version)
    kept = (folder / MODEL_FILE).stat()

    assert registry.fetch(version) == folder
    assert (folder / MODEL_FILE).stat().st_mtime_ns == kept.st_mtime_ns

    damage(folder)
    assert registry.load(version).model.version == "2"
    assert (folder / MODEL_FILE).read_bytes() == (tmp_path / "two" / MODEL_FILE).read_bytes()
    assert [path.name for path in (tmp_path / "cache" / "models").iterdir()] == [folder.name]


@pytest.mark.usefixtures("two")
def test_a_promotion_is_noticed_and_one_back_as_well(store: Path, name: str, tmp_path: Path) -> None:
    watched = source(store, tmp_path, f"models:/{name}@champion")
    assert watched.load().model.version == "1"
    assert watched.poll() is None

    for number in ("2", "1"):
        champion_of(store, number, name=name)
        bundle = watched.poll()
        assert bundle is not None
        assert bundle.model.version == number
        assert watched.poll() is None


@pytest.mark.usefixtures("two")
def test_a_bad_version_is_refused_once_for_each_time_it_is_promoted(store: Path, name: str, tmp_path: Path) -> None:
    bad = register_unchecked(store, damage(write_bundle(tmp_path / "bad", version="bad")), name=name)
    watched = source(store, tmp_path, f"models:/{name}@champion")
    watched.load()

    for _ in range(2):
        champion_of(store, bad, name=name)
        with pytest.raises(BundleError) as caught:
            watched.poll()
        assert caught.value.reason is Refusal.CHECKSUM
        assert f"models:/{name}/3" in str(caught.value)
        assert watched.poll() is None
        champion_of(store, "1", name=name)
        assert watched.poll() is not None
    kept = list((tmp_path / "cache" / "models").iterdir())
    assert len(kept) == 1


@pytest.mark.usefixtures("two")
def test_a_version_that_is_no_bundle_is_refused(store: Path, name: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "MLmodel").write_text("somebody else's")
    number = register_unchecked(store, tmp_path / "other", name=name)

    with pytest.raises(BundleError, match=r"manifest\.json is missing") as caught:
        source(store, tmp_path, f"models:/{name}/{number}").load()
    assert not isinstance(caught.value, SourceUnavailable)


@pytest.mark.usefixtures("two")
def test_an_alias_that_is_taken_away_refuses_nothing(store: Path, name: str, tmp_path: Path) -> None:
    watched = source(store, tmp_path, f"models:/{name}@champion")
    watched.load()
    client(store).delete_registered_model_alias(name, "champion")

    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="has no alias 'champion'"):
            watched.poll()

    champion_of(store, "2", name=name)
    assert watched.poll() is not None


@pytest.mark.usefixtures("two")
def test_a_number_is_asked_for_once(store: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = source(store, tmp_path, f"models:/{name}/2")
    watched.load()
    monkeypatch.setattr(Registry, "find", lambda *_: pytest.fail("asked again"))

    assert watched.poll() is None


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("models:/{name}@canary", "it has champion"),
        ("models:/{name}/7", "it has 2, 1"),
        ("models:/nobody@champion", "{name}"),
        ("models:/nobody/1", "there is no model 'nobody'"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(store: Path, name: str, tmp_path: Path, uri: str, told: str) -> None:
    with pytest.raises(RegistryError) as caught:
        source(store, tmp_path, uri.format(name=name)).load()

    assert told.format(name=name) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["models:", "models:/", "models:/a", "models:/a@", "models:/a/", "models:/a/0", "models:/a/b", "models://a/1"],
)
def test_what_is_no_name_of_a_model_is_an_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="models:/NAME@ALIAS"):
        bundle_source(text, data_dir=tmp_path, cache_dir=tmp_path)


def test_a_store_that_is_not_there_yet_is_not_made_by_who_reads(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="handstream train"):
        Registry.open(data_dir=tmp_path, cache_dir=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "mlflow").mkdir()
    (tmp_path / "mlflow" / "mlflow.db").write_bytes(b"not a database, but long enough to look like a file of one" * 50)

    with pytest.raises(RegistryError, match=r"mlflow\.db"):
        Registry.open(data_dir=tmp_path, cache_dir=tmp_path).names()


def test_a_server_that_is_not_there_is_an_error_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    began = time.monotonic()

    with pytest.raises(RegistryError, match=r"does not answer at http://127\.0\.0\.1:9"):
        Registry.open(data_dir=tmp_path, cache_dir=tmp_path).names()

    assert time.monotonic() - began < 20


def test_the_registry_may_be_another_than_the_tracking_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = registry_place(tmp_path)
    assert own.tracking_uri == own.registry_uri == f"sqlite:///{tmp_path}/mlflow/mlflow.db"
    assert own.artifacts == f"file://{tmp_path}/mlflow/artifacts"

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://runs")
    assert registry_place(tmp_path).registry_uri == "http://runs"
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "http://models")
    both = registry_place(tmp_path)
    assert (both.tracking_uri, both.registry_uri, both.artifacts) == ("http://runs", "http://models", None)


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_a_folder_is_served_without_mlflow() -> None:
    ended = run_python(
        """
import sys
from pathlib import Path
sys.modules["mlflow"] = None
from recognition.bundle_sources import bundle_source, check_model
source = bundle_source(sys.argv[1], data_dir=Path("nowhere"), cache_dir=Path("nowhere"))
assert source.load().manifest.name == "gestures"
assert source.poll() is None
""",
        str(SHIPPED_BUNDLE),
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def test_without_mlflow_a_registry_is_an_error_that_says_how_to_install_it(store: Path, tmp_path: Path) -> None:
    ended = run_python(
        """
import sys
from pathlib import Path
sys.modules["mlflow"] = None
from recognition.bundle import BundleError
from recognition.bundle_sources import bundle_source, check_model
try:
    bundle_source("models:/gestures@champion", data_dir=Path(sys.argv[1]), cache_dir=Path(sys.argv[2])).load()
except BundleError as error:
    print(error)
""",
        str(store),
        str(tmp_path),
    )

    assert "make training" in ended.stdout
    assert ended.stderr == ""


def test_a_server_that_takes_the_call_and_says_nothing_is_an_error_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.registry_probe.ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://someone:secret@{address}")

        with pytest.raises(BundleError, match=rf"does not answer at http://\*\*\*@{address} .* in MLFLOW_TRACKING_URI"):
            check_model("models:/gestures@champion", data_dir=tmp_path, cache_dir=tmp_path)
