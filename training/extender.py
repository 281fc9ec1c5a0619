"""From a bundle and recorded hands to a bundle that knows their gestures too, with figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as library_version

import numpy as np
from numpy.typing import NDArray

from events.prediction import NO_GESTURE
from recognition.bundle import Bundle
from recognition.classifier import CalibratedClassifier
from recognition.decision import decide
from recognition.features import Floats, features
from recognition.handedness import weighted_by_side
from recognition.kernel_svm import KernelSvm
from training.data_report import DataReport
from training.extension import Known, extended, known_hands
from training.folds import parted
from training.hands import DataError, Hands, Strings
from training.other_hands import OtherHands
from training.sides import back_seen
from training.thresholds import own_thresholds
from training.trainer import LIBRARIES, rounded

LEAST_HANDS = 5
# A new gesture is known by few hands: a threshold that keeps out every last hand without a gesture would keep out too
# many of its own.
TOLERATED_NAMED = 0.01
MOST_LOSS = 0.05
THRESHOLDS_RULE = (
    "The threshold of a new gesture is that of all gestures, or where more than "
    f"{TOLERATED_NAMED:.0%} of the hands without a gesture would be named as it, the least that keeps to this share, "
    f"but none that costs more than {MOST_LOSS:.0%} of its rightly named hands."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GestureFigures:
    """A gesture that the hands show, judged on people, or recordings, that it was not learned from.

    hands, right, rejected: recorded hands, of them those rightly named, and those taken for no_gesture.
    right_before: those that the model without the extension names rightly; 0 for a gesture that it does not know.
    misnamed: of the hands without a gesture in ExtensionFigures, those named as it.
    """

    gesture: str
    hands: int
    right: int
    right_before: int
    rejected: int
    misnamed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionFigures:
    """gestures: that the hands show.

    nothing: hands without a gesture: recorded ones, and those that the model knows to make none.
    named, named_before: of them those named as any gesture, with and without the extension.
    others: hands that the model names as another gesture. changed: of them, those that the extension names otherwise.
    """

    gestures: tuple[GestureFigures, ...]
    nothing: int
    named: int
    named_before: int
    others: int
    changed: int

    def figures(self) -> dict[str, float]:
        every = sum(one.hands for one in self.gestures)
        flat = {
            "extension_hands": float(every),
            "extension_accuracy": sum(one.right for one in self.gestures) / every,
            "extension_false_positive_rate": sum(one.misnamed for one in self.gestures) / max(self.nothing, 1),
            "extension_no_gesture_named": self.named / max(self.nothing, 1),
            "extension_no_gesture_named_before": self.named_before / max(self.nothing, 1),
            "extension_changed": self.changed / max(self.others, 1),
        }
        return flat | {f"accuracy_{one.gesture}": one.right / one.hands for one in self.gestures}


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended:
    bundle: Bundle
    figures: ExtensionFigures


def extend_bundle(base: Bundle, hands: Hands, *, others: OtherHands, name: str, version: str, seed: int) -> Extended:
    """The bundle with the gestures of the hands. The manifest's sum is empty until it is saved.

    Raises DataError for a bundle that cannot be extended, and for hands that are too few or of too few people.
    """
    model, scorer = _machine(base)
    _check(hands)
    known = known_hands(model, scorer, others=others, seed=seed)
    held = _held_out(model, scorer, hands, known=known, seed=seed)
    fitted = extended(model, scorer, hands, known=known, seed=seed)
    thresholds = dict(base.manifest.thresholds)
    probabilities, labels = np.concatenate([held.hands, held.known]), np.concatenate([hands.labels, known.names])
    own = own_thresholds(
        probabilities,
        labels,
        classes=fitted.classes,
        nothing=labels == NO_GESTURE,
        common=base.manifest.threshold,
        tolerated_named=TOLERATED_NAMED,
        most_loss=MOST_LOSS,
    )
    thresholds |= {gesture: value for gesture, value in own.items() if gesture not in model.classes}
    manifest = replace(
        base.manifest,
        name=name,
        version=version,
        sha256="",
        classes=fitted.classes,
        thresholds=thresholds,
        candidates={},
        data=rounded(DataReport.of(hands).figures()),
        training_data={**base.manifest.training_data, **hands.files},
        libraries={library: library_version(library) for library in LIBRARIES},
        reference=None,
    )
    figures = _figures(base, hands, known, held, classes=fitted.classes, thresholds=manifest.class_thresholds)
    manifest = replace(manifest, metrics=rounded(figures.figures()))
    return Extended(bundle=Bundle(manifest=manifest, classifier=fitted), figures=figures)


def _machine(base: Bundle) -> tuple[CalibratedClassifier, KernelSvm]:
    classifier = base.classifier
    if isinstance(classifier, CalibratedClassifier) and isinstance(classifier.scorer, KernelSvm):
        return classifier, classifier.scorer
    raise DataError(
        f"--extend: {base.manifest.name} {base.manifest.version} is a {base.manifest.kind or 'model'}, and only a "
        "support vector machine (svm) keeps hands that can be built upon; train one with --kind svm"
    )


def _check(hands: Hands) -> None:
    counts = Counter(hands.labels.tolist())
    if not counts.keys() - {NO_GESTURE}:
        raise DataError(f"there is no hand with a gesture; {NO_GESTURE} is none")
    few = [f"{label} ({count})" for label, count in sorted(counts.items()) if count < LEAST_HANDS]
    if few:
        raise DataError(f"there are fewer than {LEAST_HANDS} hands of {', '.join(few)}; record more")


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldOut:
    """Probabilities of recorded (n, k) and known hands (m, k), each by an extension that was not fitted to it."""

    hands: Floats
    known: Floats


def _held_out(model: CalibratedClassifier, scorer: KernelSvm, hands: Hands, *, known: Known, seed: int) -> _HeldOut:
    parts = parted(hands, seed=seed)
    judged, known_judged = [], []
    fold_of = np.arange(len(known.names)) % len(parts)
    for number, (seen, unseen) in enumerate(parts):
        fitted = extended(model, scorer, hands.take(seen), known=known.take(fold_of != number), seed=seed)
        judged.append((unseen, fitted.predict_proba(features(hands.points[unseen]))))
        rows = np.flatnonzero(fold_of == number)
        known_judged.append((rows, fitted.predict_proba(features(known.points[rows]))))
    of_hands = weighted_by_side(_in_order(judged), classes=fitted.classes, back=back_seen(hands))
    return _HeldOut(hands=of_hands, known=_in_order(known_judged))


def _in_order(parts: Sequence[tuple[NDArray[np.int_], Floats]]) -> Floats:
    rows = np.concatenate([rows for rows, _ in parts])
    return np.asarray(np.concatenate([values for _, values in parts])[np.argsort(rows)])


def _figures(
    base: Bundle,
    hands: Hands,
    known: Known,
    held: _HeldOut,
    *,
    classes: tuple[str, ...],
    thresholds: Floats,
) -> ExtensionFigures:
    named = decide(held.hands, classes=classes, thresholds=thresholds).gestures
    known_named = decide(held.known, classes=classes, thresholds=thresholds).gestures
    before = _named_before(base, features(hands.points), back=back_seen(hands))
    known_before = _named_before(base, features(known.points), back=np.full(len(known.names), 0.5))
    recorded_nothing, known_nothing = hands.labels == NO_GESTURE, known.names == NO_GESTURE
    nothing_named = np.concatenate([named[recorded_nothing], known_named[known_nothing]])
    nothing_before = np.concatenate([before[recorded_nothing], known_before[known_nothing]])
    others = ~known_nothing & ~np.isin(known.names, hands.labels)
    return ExtensionFigures(
        gestures=tuple(
            GestureFigures(
                gesture=gesture,
                hands=int(own.sum()),
                right=int((named[own] == gesture).sum()),
                right_before=int((before[own] == gesture).sum()),
                rejected=int((named[own] == NO_GESTURE).sum()),
                misnamed=int((nothing_named == gesture).sum()),
            )
            for gesture, own in _by_gesture(hands).items()
        ),
        nothing=len(nothing_named),
        named=int((nothing_named != NO_GESTURE).sum()),
        named_before=int((nothing_before != NO_GESTURE).sum()),
        others=int(others.sum()),
        changed=int((known_named[others] != known_before[others]).sum()),
    )


def _by_gesture(hands: Hands) -> Mapping[str, NDArray[np.bool_]]:
    return {label: hands.labels == label for label in sorted({*hands.labels.tolist()} - {NO_GESTURE})}


def _named_before(base: Bundle, rows: Floats, *, back: Floats) -> Strings:
    classes = base.manifest.classes
    probabilities = weighted_by_side(base.classifier.predict_proba(rows), classes=classes, back=back)
    return decide(probabilities, classes=classes, thresholds=base.manifest.class_thresholds).gestures
