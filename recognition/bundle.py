"""A model on disk: the classifier as a joblib file, and a manifest that says what it is."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import joblib
import msgspec
import numpy as np

from events.prediction import NO_GESTURE, Model
from recognition.classifier import Classifier
from recognition.features import FEATURE_COUNT, FEATURES_VERSION
from recognition.gestures import NAME_RULE, is_name
from recognition.reference import Reference

MODEL_FILE = "model.joblib"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "MODEL_CARD.md"
# A histogram is read more easily in a line.
_NUMBERS = re.compile(rb"\[([-\d.e,\s]+)\]")
SHIPPED_BUNDLE = Path(__file__).parents[1] / "models" / "gestures"


class Refusal(StrEnum):
    """Why a bundle is not served.

    manifest: a file is missing, or the manifest cannot be read. checksum: the model file is not the one that the
    manifest speaks of. features: it was trained on others than are computed here. classes: those of file and manifest
    differ, `no_gesture` is missing, or one is double or malformed. model: the file cannot be loaded, or what is in it
    gives no probabilities.
    """

    MANIFEST = "manifest"
    CHECKSUM = "checksum"
    FEATURES = "features"
    CLASSES = "classes"
    MODEL = "model"


class BundleError(Exception):
    """A bundle cannot be served: the message names the folder, what is wrong and the way out."""

    def __init__(self, message: str, *, reason: Refusal = Refusal.MANIFEST) -> None:
        super().__init__(message)
        self.reason = reason


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
    reference: what it saw when it was measured, to compare live hands with; None in bundles of before there was one.
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
    reference: Reference | None = None


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
    """Write the bundle and return the manifest with the sum of what was written; its own `sha256` is not looked at.

    Each file is whole at any moment, and the manifest comes last: who reads in between finds a model file of another
    sum than the manifest has, which is refused.
    """
    content = model_file(classifier)
    written = dataclasses.replace(manifest, sha256=hashlib.sha256(content).hexdigest())
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / MODEL_FILE, content)
    write_whole(folder / MANIFEST_FILE, encoded(written))
    return written


def model_file(classifier: Classifier) -> bytes:
    """What a model file of it holds."""
    buffer = io.BytesIO()
    joblib.dump(classifier, buffer, compress=3)
    return buffer.getvalue()


def encoded(manifest: Manifest) -> bytes:
    """The manifest as its file has it."""
    spread = msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
    return _NUMBERS.sub(lambda found: b"[" + b", ".join(found[1].replace(b",", b" ").split()) + b"]", spread)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that no reader sees half of."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def load_bundle(folder: Path = SHIPPED_BUNDLE, *, called: str | None = None) -> Bundle:
    """Load a bundle. Its bytes are checked before any of them is unpickled. Raises BundleError.

    called: what messages call it, where the folder would say nothing to the user.
    """
    about = f"model bundle {called or folder}"
    manifest = read_manifest(folder, called=called)
    content = checked_content(folder, manifest, called=called)
    if manifest.features != FEATURES_VERSION:
        raise BundleError(
            f"{about} was trained on features {manifest.features!r}, this version computes "
            f"{FEATURES_VERSION!r}; train it again with `handstream train`",
            reason=Refusal.FEATURES,
        )
    problem = _problem_of_classes(manifest.classes)
    if problem:
        raise BundleError(f"{about}: {problem}; train it again", reason=Refusal.CLASSES)
    try:
        classifier = joblib.load(io.BytesIO(content))
        classes = tuple(classifier.classes)
    except Exception as error:
        # A pickle can raise anything: an unknown class, a library that is missing or another version.
        raise BundleError(
            f"{about}: {MODEL_FILE} cannot be loaded ({_in_a_line(error)}); it was saved with "
            f"{', '.join(f'{name} {version}' for name, version in manifest.libraries.items()) or 'other libraries'}",
            reason=Refusal.MODEL,
        ) from error
    if classes != manifest.classes:
        raise BundleError(
            f"{about}: the classes of {MODEL_FILE} and of its manifest differ; train it again", reason=Refusal.CLASSES
        )
    _try(classifier, about=about)
    return Bundle(manifest=manifest, classifier=classifier)


def read_manifest(folder: Path, *, called: str | None = None) -> Manifest:
    """What the bundle says of itself; nothing else is looked at. Raises BundleError."""
    about = f"model bundle {called or folder}"
    try:
        manifest = msgspec.json.decode((folder / MANIFEST_FILE).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(f"there is no model bundle in {called or folder}: {MANIFEST_FILE} is missing") from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{about}: cannot read {MANIFEST_FILE}: {error}") from error
    if not 0 <= manifest.threshold <= 1:
        raise BundleError(f"{about}: the threshold in {MANIFEST_FILE} is {manifest.threshold}, not from 0 to 1")
    return manifest


def checked_content(folder: Path, manifest: Manifest, *, called: str | None = None) -> bytes:
    """Bytes of the model file, of the sum that the manifest has. Raises BundleError."""
    about = f"model bundle {called or folder}"
    try:
        content = (folder / MODEL_FILE).read_bytes()
    except OSError as error:
        raise BundleError(f"{about}: cannot read {MODEL_FILE}: {error.strerror}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise BundleError(
            f"{about}: {MODEL_FILE} has sha256 {found}, its manifest says {manifest.sha256}; "
            "it was damaged or replaced, fetch or train it again",
            reason=Refusal.CHECKSUM,
        )
    return content


def _problem_of_classes(classes: tuple[str, ...]) -> str | None:
    malformed = next((name for name in classes if not is_name(name)), None)
    if malformed is not None:
        return f"the class {malformed!r} in {MANIFEST_FILE} is no name for a gesture: {NAME_RULE}"
    double = next((name for name, count in Counter(classes).items() if count > 1), None)
    if double is not None:
        return f"the class {double!r} stands twice in {MANIFEST_FILE}"
    if NO_GESTURE not in classes:
        return f"the class {NO_GESTURE!r} is missing in {MANIFEST_FILE}"
    return None


def _try(classifier: Classifier, *, about: str) -> None:
    """Name one hand, so that a classifier that cannot is noticed before it has taken another one's place."""
    try:
        probabilities = np.asarray(classifier.predict_proba(np.zeros((1, FEATURE_COUNT))), dtype=np.float64)
    except Exception as error:
        raise BundleError(f"{about}: its classifier fails ({_in_a_line(error)})", reason=Refusal.MODEL) from error
    if probabilities.shape != (1, len(classifier.classes)) or not abs(float(probabilities.sum()) - 1) < 1e-3:
        raise BundleError(
            f"{about}: its classifier gives no probabilities of its {len(classifier.classes)} classes",
            reason=Refusal.MODEL,
        )


def _in_a_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
