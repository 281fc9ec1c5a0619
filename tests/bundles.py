"""Bundles to serve, good and bad, in folders and in a registry."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joblib
import msgspec

from recognition.bundle import MANIFEST_FILE, MODEL_FILE, PICKLE_FILE, Bundle, load_bundle, save_bundle
from recognition.model_uri import CHAMPION
from recognition.registry_place import connect, registry_place
from training.tracking import Tracker

if TYPE_CHECKING:
    from mlflow import MlflowClient


# What manifests of format 1 do not say.
NEW_IN_FORMAT_2 = ("format", "thresholds")


@functools.cache
def shipped() -> Bundle:
    return load_bundle()


def write_bundle(folder: Path, *, version: str, **changed: Any) -> Path:
    """The shipped bundle under another version, and whatever else is to be different in its manifest."""
    manifest = dataclasses.replace(shipped().manifest, version=version, **changed)
    save_bundle(folder, classifier=shipped().classifier, manifest=manifest)
    return folder


def write_pickle_bundle(folder: Path, *, content: Any = None, **changed: Any) -> Path:
    """A bundle as it was before format 2. content: of its pickle; the shipped classifier where not given."""
    folder.mkdir(parents=True)
    joblib.dump(shipped().classifier if content is None else content, folder / PICKLE_FILE, compress=3)
    digest = hashlib.sha256((folder / PICKLE_FILE).read_bytes()).hexdigest()
    manifest = dataclasses.replace(shipped().manifest, sha256=digest, **changed)
    written = {name: value for name, value in msgspec.to_builtins(manifest).items() if name not in NEW_IN_FORMAT_2}
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.encode(written))
    return folder


def damage(folder: Path) -> Path:
    """Turn one bit of the model file."""
    content = bytearray((folder / MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL_FILE).write_bytes(content)
    return folder


@functools.cache
def _empty_store() -> tempfile.TemporaryDirectory[str]:
    """Removed with the process."""
    folder = tempfile.TemporaryDirectory(prefix="handstream-store-")
    Tracker.open(data_dir=Path(folder.name))
    return folder


def empty_store(data_dir: Path) -> Path:
    """A store without runs in the data folder: a copy, since making the tables takes seconds."""
    shutil.copytree(Path(_empty_store().name) / "mlflow", data_dir / "mlflow")
    return data_dir


def register(data_dir: Path, folder: Path, *, name: str = "gestures") -> str:
    with Tracker.open(data_dir=data_dir).run("a test") as run:
        return run.register(folder, name=name)


def champion_of(data_dir: Path, version: str, *, name: str = "gestures") -> None:
    client(data_dir).set_registered_model_alias(name, CHAMPION, version)


def register_unchecked(data_dir: Path, folder: Path, *, name: str = "gestures") -> str:
    """As somebody else's program would, who looks at nothing."""
    asked = client(data_dir)
    if not asked.search_registered_models(f"name = '{name}'"):
        asked.create_registered_model(name)
    with Tracker.open(data_dir=data_dir).run("unchecked") as run:
        asked.log_artifacts(run.id, str(folder), "bundle")
        source = f"{asked.get_run(run.id).info.artifact_uri}/bundle"
        return str(asked.create_model_version(name, source, run_id=run.id).version)


def client(data_dir: Path) -> MlflowClient:
    return connect(registry_place(data_dir))
