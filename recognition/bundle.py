"""A model on disk: the classifier as arrays, and a manifest that says what it is."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import msgspec
import numpy as np

from events.prediction import NO_GESTURE, Model
from recognition.bundle_arrays import ModelFileError
from recognition.bundle_kinds import model_file, read_model
from recognition.bundle_layout import LayoutError
from recognition.bundle_libraries import warn_of_other_versions
from recognition.classifier import Classifier
from recognition.decision import class_thresholds
from recognition.features import FEATURE_COUNT, FEATURES_VERSION, Floats
from recognition.gestures import NAME_RULE, is_name
from recognition.reference import Reference

# 1: a pickle, which is loaded by `handstream models convert` alone. 2: arrays.
BUNDLE_FORMAT = 2
PICKLE_FORMAT = 1
MODEL_FILE = "model.npz"
PICKLE_FILE = "model.joblib"
MANIFEST_FILE = "manifest.json"
CARD_FILE = "MODEL_CARD.md"
# Far more than any bundle has, and little enough to be read.
MAX_MANIFEST_BYTES = 8 * 2**20
MAX_MODEL_BYTES = 512 * 2**20
# A histogram is read more easily in a line.
_NUMBERS = re.compile(rb"\[([-\d.e,\s]+)\]")
SHIPPED_BUNDLE = Path(__file__).parents[1] / "models" / "gestures"


class Refusal(StrEnum):
    """Why a bundle is not served.

    manifest: a file is missing, or the manifest cannot be read. format: the bundle is of another format than is read
        here. checksum: the model file is not the one that the manifest speaks of. features: it was trained on others
        than are computed here. classes: those of file and manifest differ, `no_gesture` is missing, or one is double or
        malformed. model: the file does not hold a model, or what is in it gives no probabilities.
    """

    MANIFEST = "manifest"
    FORMAT = "format"
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

    format: of the bundle, see BUNDLE_FORMAT.
    sha256: of the model file.
    threshold: a gesture less probable than this is `no_gesture`, where it has no threshold of its own.
    thresholds: of gestures that have one of their own, by name.
    kind: of the classifier: logistic_regression, svm, random_forest or lightgbm.
    metrics: figures of the evaluation, by name.
    candidates: figures of every kind that was tried, by kind and name; `training_accuracy` and `evaluation_accuracy`
        (0..1) are in each.
    data: figures of the data that it was trained on, by name; rows of each class as `hands_<class>`.
    training_data: sha256 of each file it was trained on, by file name.
    libraries: version of each library that it was trained with, by name.
    reference: what it saw when it was measured, to compare live hands with; None in bundles of before there was one.
    """

    format: int = BUNDLE_FORMAT
    name: str
    version: str
    sha256: str
    classes: tuple[str, ...]
    features: str
    threshold: float
    thresholds: dict[str, float] = field(default_factory=dict)
    kind: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    candidates: dict[str, dict[str, float]] = field(default_factory=dict)
    data: dict[str, float] = field(default_factory=dict)
    training_data: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    reference: Reference | None = None

    @property
    def class_thresholds(self) -> Floats:
        """The threshold (k,) of each class."""
        return class_thresholds(self.classes, default=self.threshold, thresholds=self.thresholds)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """All that is read of a manifest before its format is known. Those of format 1 do not say."""

    format: int = PICKLE_FORMAT


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
    sum than the manifest has, which is refused. Raises LayoutError for a classifier that no bundle can hold.
    """
    content = model_file(classifier)
    written = dataclasses.replace(manifest, sha256=hashlib.sha256(content).hexdigest(), format=BUNDLE_FORMAT)
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / MODEL_FILE, content)
    write_whole(folder / MANIFEST_FILE, encoded(written))
    # Of the bundle that was there before.
    (folder / PICKLE_FILE).unlink(missing_ok=True)
    return written


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
    """Load a bundle, which runs no code of its maker's. Raises BundleError.

    called: what messages call it, where the folder would say nothing to the user.
    """
    about = f"model bundle {called or folder}"
    manifest = read_manifest(folder, called=called)
    content = checked_content(folder, manifest, called=called)
    check_features(manifest, called=called or str(folder))
    problem = _problem_of_classes(manifest.classes)
    if problem:
        raise BundleError(f"{about}: {problem}; train it again", reason=Refusal.CLASSES)
    try:
        classifier = read_model(content)
    except (ModelFileError, LayoutError) as error:
        raise BundleError(
            f"{about}: {MODEL_FILE} holds no model that is known here: {_in_a_line(error)}", reason=Refusal.MODEL
        ) from error
    if classifier.classes != manifest.classes:
        raise BundleError(
            f"{about}: the classes of {MODEL_FILE} and of its manifest differ; train it again", reason=Refusal.CLASSES
        )
    _try(classifier, about=about)
    warn_of_other_versions(manifest.libraries, model=manifest.name, model_version=manifest.version)
    return Bundle(manifest=manifest, classifier=classifier)


def read_manifest(folder: Path, *, called: str | None = None) -> Manifest:
    """What the bundle says of itself, also one of format 1; nothing else is looked at. Raises BundleError."""
    about = f"model bundle {called or folder}"
    try:
        content = _bounded(folder / MANIFEST_FILE, at_most=MAX_MANIFEST_BYTES)
        number = msgspec.json.decode(content, type=_Format).format
        if number not in (PICKLE_FORMAT, BUNDLE_FORMAT):
            raise BundleError(
                f"{about} is of format {number}, this version reads format {BUNDLE_FORMAT}: install a newer handstream",
                reason=Refusal.FORMAT,
            )
        manifest = dataclasses.replace(msgspec.json.decode(content, type=Manifest), format=number)
    except (FileNotFoundError, NotADirectoryError):
        raise BundleError(f"there is no model bundle in {called or folder}: {MANIFEST_FILE} is missing") from None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(f"{about}: cannot read {MANIFEST_FILE}: {error}") from error
    problem = _problem_of_thresholds(manifest)
    if problem:
        raise BundleError(f"{about}: {problem}")
    return manifest


def checked_content(folder: Path, manifest: Manifest, *, called: str | None = None) -> bytes:
    """Bytes of the model file, of the sum that the manifest has. Raises BundleError, also for a bundle of format 1."""
    check_format(manifest, called=called or str(folder))
    return checked_file(folder, MODEL_FILE, manifest, called=called)


def check_format(manifest: Manifest, *, called: str) -> None:
    """Raises BundleError for a bundle of format 1, with the command that converts it."""
    if manifest.format == PICKLE_FORMAT:
        raise BundleError(
            f"model bundle {called} holds a pickle ({PICKLE_FILE}), and loading one runs code: convert it with "
            f"`handstream models convert {called}`, or train it again",
            reason=Refusal.FORMAT,
        )


def check_features(manifest: Manifest, *, called: str) -> None:
    """Raises BundleError for a bundle that was trained on other features than are computed here."""
    if manifest.features != FEATURES_VERSION:
        raise BundleError(
            f"model bundle {called} was trained on features {manifest.features!r}, this version computes "
            f"{FEATURES_VERSION!r}; train it again with `handstream train`",
            reason=Refusal.FEATURES,
        )


def checked_file(folder: Path, name: str, manifest: Manifest, *, called: str | None = None) -> bytes:
    """Bytes of this file, of the sum that the manifest has. Raises BundleError."""
    about = f"model bundle {called or folder}"
    try:
        content = _bounded(folder / name, at_most=MAX_MODEL_BYTES)
    except OSError as error:
        raise BundleError(f"{about}: cannot read {name}: {error.strerror}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != manifest.sha256:
        raise BundleError(
            f"{about}: {name} has sha256 {found}, its manifest says {manifest.sha256}; "
            "it was damaged or replaced, fetch or train it again",
            reason=Refusal.CHECKSUM,
        )
    return content


def _bounded(path: Path, *, at_most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise OSError(errno.EFBIG, f"it is larger than {at_most:,} bytes")
    return content


def _problem_of_thresholds(manifest: Manifest) -> str | None:
    if not 0 <= manifest.threshold <= 1:
        return f"the threshold in {MANIFEST_FILE} is {manifest.threshold}, not from 0 to 1"
    for name, threshold in manifest.thresholds.items():
        if not 0 <= threshold <= 1:
            return f"the threshold of {name!r} in {MANIFEST_FILE} is {threshold}, not from 0 to 1"
        if name not in manifest.classes or name == NO_GESTURE:
            return f"{MANIFEST_FILE} has a threshold for {name!r}, which is none of its gestures"
    return None


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
