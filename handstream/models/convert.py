"""Bundles of format 1, whose model file is a pickle, written anew as arrays."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from handstream.models.export import export_bundle
from recognition.bundle import (
    CARD_FILE,
    MODEL_FILE,
    PICKLE_FILE,
    PICKLE_FORMAT,
    BundleError,
    Manifest,
    Refusal,
    check_features,
    checked_file,
    load_bundle,
    read_manifest,
    save_bundle,
)
from recognition.bundle_layout import LayoutError
from recognition.classifier import CalibratedClassifier


def convertible(folder: Path, *, called: str) -> Manifest:
    """The manifest of a bundle of format 1 that could be served once it is converted. Nothing of the model is read.

    Raises BundleError for any other, with the way out.
    """
    manifest = read_manifest(folder, called=called)
    if manifest.format != PICKLE_FORMAT:
        raise BundleError(
            f"model bundle {called} is of format {manifest.format} already, there is nothing to convert",
            reason=Refusal.FORMAT,
        )
    check_features(manifest, called=called)
    return manifest


def convert_bundle(folder: Path, *, out: Path, called: str) -> Manifest:
    """Write the bundle into `out`, which may be the folder itself, and return its new manifest.

    **Unpickles the model file, which runs whatever code its maker put into it**, once it has the sum that the manifest
    has. Raises BundleError, and ExportError where `out` cannot be written. The folder of the old bundle stays as it is
    where that is another one.
    """
    manifest = convertible(folder, called=called)
    classifier = _unpickled(checked_file(folder, PICKLE_FILE, manifest, called=called), called=called)
    with tempfile.TemporaryDirectory() as temporary:
        staged = Path(temporary)
        try:
            written = save_bundle(staged, classifier=classifier, manifest=manifest)
        except LayoutError as error:
            raise BundleError(f"model bundle {called}: {error}", reason=Refusal.MODEL) from error
        if (folder / CARD_FILE).is_file():
            card = (folder / CARD_FILE).read_text(encoding="utf-8")
            card = card.replace(PICKLE_FILE, MODEL_FILE).replace(manifest.sha256, written.sha256)
            (staged / CARD_FILE).write_text(card, encoding="utf-8")
        load_bundle(staged, called=called)
        export_bundle(staged, manifest=written, out=out)
    return written


def _unpickled(content: bytes, *, called: str) -> CalibratedClassifier:
    # The one place that reads a pickle.
    import joblib  # noqa: PLC0415

    try:
        classifier = joblib.load(io.BytesIO(content))
    except Exception as error:
        # A pickle can raise anything: an unknown class, a library that is missing or another version.
        reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise BundleError(
            f"model bundle {called}: {PICKLE_FILE} cannot be loaded ({reason}); train it again", reason=Refusal.MODEL
        ) from error
    if not isinstance(classifier, CalibratedClassifier):
        raise BundleError(
            f"model bundle {called}: {PICKLE_FILE} holds a {type(classifier).__name__}, which no bundle can hold; "
            "train it again",
            reason=Refusal.MODEL,
        )
    return classifier
