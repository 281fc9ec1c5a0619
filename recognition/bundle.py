"""A model on disk: the classifier as a joblib file, and a manifest that says what it is."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path

import joblib
import msgspec

from events.prediction import Model
from recognition.classifier import Classifier
from recognition.features import FEATURES_VERSION

MODEL_FILE = "model.joblib"
MANIFEST_FILE = "manifest.json"
SHIPPED_BUNDLE = Path(__file__).parents[1] / "models" / "gestures"


class BundleError(Exception):
    """A bundle cannot be served: the message names the folder, what is wrong and the way out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a bundle says of itself.

    sha256: of the model file.
    threshold: a gesture less probable than this is `no_gesture`.
    kind: of the classifier: logistic_regression, svm, random_forest or lightgbm.
    metrics: figures of the evaluation, by name.
    candidates: figures of every kind that was tried, by kind and name; `training_accuracy` and `evaluation_accuracy`
        (0..1) are in each.
    data: figures of the data that it was trained on, by name; rows of each class as `hands_<class>`.
    training_data: sha256 of each file it was trained on, by file name.
    libraries: version of each library that the model file needs, by name.
    """

    name: str
    version: str
    sha256: str
    classes: tuple[str, ...]
    features: str
    threshold: float
    kind: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    candidates: dict[str, dict[str, float]] = field(default_factory=dict)
    data: dict[str, float] = field(default_factory=dict)
    training_data: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A verified classifier with its manifest."""

    manifest: Manifest
    classifier: Classifier

    @property
    def model(self) -> Model:
        """The model as predictions name it."""
        return Model(name=self.manifest.name, version=self.manifest.version, sha256=self.manifest.sha256)


def save_bundle(folder: Path, *, classifier: Classifier, manifest: Manifest) -> Manifest:
    """Write the bundle and return the manifest with the sum of what was written; its own `sha256` is not looked at."""
    buffer = io.BytesIO()
    joblib.dump(classifier, buffer, compress=3)
    content = buffer.getvalue()
    written = dataclasses.replace(manifest, sha256=hashlib.sha256(content).hexdigest())
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MODEL_FILE).write_bytes(content)
    (folder / MANIFEST_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(written), indent=2) + b"\n")
    return written


def load_bundle(folder: Path = SHIPPED_BUNDLE) -> Bundle:
    """Load a bundle. Its bytes are checked before any of them is unpickled. Raises BundleError."""
    manifest = read_manifest(folder)
    path = folder / MODEL_FILE
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BundleError(f"model bundle {folder}: cannot read {MODEL_FILE}: {error.strerror}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise BundleError(
            f"model bundle {folder}: {MODEL_FILE} has sha256 {found}, its manifest says {manifest.sha256}; "
            "it was damaged or replaced, fetch or train it again"
        )
    if manifest.features != FEATURES_VERSION:
        raise BundleError(
            f"model bundle {folder} was trained on features {manifest.features!r}, this version computes "
            f"{FEATURES_VERSION!r}; train it again with `handstream train`"
        )
    classifier = joblib.load(io.BytesIO(content))
    if tuple(classifier.classes) != manifest.classes:
        raise BundleError(f"model bundle {folder}: the classes of {MODEL_FILE} and of its manifest differ")
    return Bundle(manifest=manifest, classifier=classifier)


def read_manifest(folder: Path = SHIPPED_BUNDLE) -> Manifest:
    """What the bundle says of itself, without loading it. Raises BundleError."""
    path = folder / MANIFEST_FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise BundleError(f"there is no model bundle in {folder}: {MANIFEST_FILE} is missing") from None
    except (OSError, msgspec.DecodeError) as error:
        raise BundleError(f"model bundle {folder}: cannot read {MANIFEST_FILE}: {error}") from error
