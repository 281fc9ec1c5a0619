"""From labelled hands to a bundle with its figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version as library_version

from recognition.bundle import Bundle, Manifest
from recognition.features import FEATURES_VERSION
from training.data_report import DataReport
from training.evaluation import check, choose_threshold, figures, hold_out, named
from training.hands import Hands
from training.photographs import PhotoFigures
from training.svm import SvmSettings, fit_svm

LIBRARIES = ("joblib", "numpy", "scikit-learn")


def train_bundle(
    hands: Hands,
    *,
    unseen: Hands | None,
    name: str,
    version: str,
    settings: SvmSettings,
    progress: Callable[[Sequence[int]], Iterable[int]],
) -> Bundle:
    """Train, calibrate on held-out hands, choose the threshold there, and report on them and on unseen tables.

    The manifest's sum is empty until the bundle is saved.
    """
    held_out = hold_out(hands, settings=settings, progress=progress)
    machine = fit_svm(hands.points, hands.labels, settings=settings)
    classifier = machine.calibrated(held_out.decisions, held_out.labels)
    probabilities = classifier.calibrate(held_out.decisions)
    threshold = choose_threshold(probabilities, held_out.labels, classes=classifier.classes)
    crossed = figures(named(probabilities, classes=classifier.classes, threshold=threshold), held_out.labels)
    metrics = {
        "cross_validation_accuracy": crossed.accuracy,
        "cross_validation_macro_f1": crossed.macro_f1,
        "cross_validation_no_gesture_recall": crossed.no_gesture_recall,
    }
    if unseen is not None:
        checked = check(classifier, unseen, threshold=threshold)
        metrics |= {
            "check_accuracy": checked.accuracy,
            "check_macro_f1": checked.macro_f1,
        }
    manifest = Manifest(
        name=name,
        version=version,
        sha256="",
        classes=classifier.classes,
        features=FEATURES_VERSION,
        threshold=threshold,
        kind="svm",
        metrics=_rounded(metrics),
        data=_rounded(DataReport.of(hands).figures()),
        training_data=dict(hands.sources),
        libraries={library: library_version(library) for library in LIBRARIES},
    )
    return Bundle(manifest=manifest, classifier=classifier)


def with_photographs(bundle: Bundle, photographs: PhotoFigures) -> Bundle:
    """The bundle with figures on photographs in its manifest."""
    metrics = {
        "photos_gestures": float(photographs.gestures),
        "photos_found": float(photographs.found),
        "photos_accuracy_found": photographs.accuracy_found,
        "photos_accuracy_all": photographs.accuracy_all,
        "photos_others": float(photographs.others),
        "photos_misnamed": float(photographs.misnamed),
    }
    manifest = dataclasses.replace(bundle.manifest, metrics=bundle.manifest.metrics | _rounded(metrics))
    return dataclasses.replace(bundle, manifest=manifest)


def _rounded(metrics: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in metrics.items()}
