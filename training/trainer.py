"""From labelled hands to a bundle with its figures."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.metadata import version as library_version
from math import isnan
from typing import Protocol, TypeVar

from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from recognition.bundle import Bundle, Manifest
from recognition.features import FEATURES_VERSION
from training.calibration import calibrated
from training.candidate import Candidate
from training.cross_validation import HeldOut, held_out, judge
from training.data_report import DataReport
from training.folds import Fold, make_folds
from training.hands import Hands
from training.kind_figures import KindFigures, check, choose_threshold, kind_figures
from training.left_out import judge_left_out, left_out_groups, pooled
from training.open_set import OpenSet
from training.other_hands import OtherHands
from training.reference import held_out_reference
from training.samples import SampleSettings, training_sample
from training.selection import choose
from training.tuning import tuning_fold, tuning_score

LIBRARIES = ("numpy", "scikit-learn", "lightgbm")

T = TypeVar("T")
R = TypeVar("R")


class Progress(Protocol):
    """Shows how far a step is."""

    def __call__(self, step: str, *, total: int) -> Callable[[], None]:
        """Begin a step of so many parts; what it returns is called after each part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """figures: by kind, in the order of the kinds. kind: the one that was chosen.
    left_out: on gestures that were left out of what was fitted to; None where there are too few gestures.
    """

    bundle: Bundle
    kind: str
    figures: Mapping[str, KindFigures]
    left_out: OpenSet | None


def train_bundle(
    hands: Hands,
    *,
    others: OtherHands,
    unseen: Hands | None,
    kinds: Mapping[str, Sequence[Candidate]],
    name: str,
    version: str,
    settings: SampleSettings,
    seed: int,
    threads: int,
    progress: Progress,
) -> Trained:
    """Tune each kind, judge all on the same folds, choose one by the rule, and fit it to all hands.

    The manifest's sum is empty until the bundle is saved. Raises DataError where there are too few hands.
    """
    # One thread a fit, several fits at once: results then do not depend on the number of cores.
    with (
        threadpool_limits(1),
        warnings.catch_warnings(category=ConvergenceWarning, action="ignore"),
        ThreadPoolExecutor(threads, thread_name_prefix="fit") as pool,
    ):
        folds = make_folds(hands, others=others, settings=settings, seed=seed)
        steps = _Steps(pool=pool, progress=progress, seed=seed)
        candidates = steps.tune(kinds, folds[0])
        held = steps.cross_validate(candidates, folds)
        figures = {kind: kind_figures(one) for kind, one in held.items()}
        kind = choose(figures)
        left_out = steps.leave_out(candidates[kind], folds)
        sample = training_sample(hands.points, hands.labels, others=others, settings=settings, seed=seed)
        (fitted,) = steps.run(
            "final fit", [candidates[kind]], lambda one: one.fit(sample.rows, sample.names, seed=seed)
        )
    classifier = calibrated(fitted, held[kind].scores, held[kind].labels)
    threshold = choose_threshold(classifier.calibrate(held[kind].scores), held[kind].labels, classes=classifier.classes)
    reference = held_out_reference(held[kind], folds, classifier=classifier, thresholds=threshold)
    metrics = _metrics(figures[kind], left_out)
    if unseen is not None:
        checked = check(classifier, unseen, thresholds=threshold)
        metrics |= {"check_accuracy": checked.accuracy, "check_macro_f1": checked.macro_f1}
    manifest = Manifest(
        name=name,
        version=version,
        sha256="",
        classes=classifier.classes,
        features=FEATURES_VERSION,
        threshold=threshold,
        kind=kind,
        metrics=rounded(metrics),
        candidates={name: rounded(one.figures()) for name, one in figures.items()},
        data=rounded(DataReport.of(hands).figures()),
        training_data=dict(hands.files),
        libraries={library: library_version(library) for library in LIBRARIES},
        reference=reference,
    )
    return Trained(
        bundle=Bundle(manifest=manifest, classifier=classifier), kind=kind, figures=figures, left_out=left_out
    )


def rounded(figures: Mapping[str, float]) -> dict[str, float]:
    """To four digits; what there is no figure for is left out."""
    return {name: round(value, 4) for name, value in figures.items() if not isnan(value)}


def _metrics(chosen: KindFigures, left_out: OpenSet | None) -> dict[str, float]:
    every = chosen.open_sets["all"]
    metrics = {
        "cross_validation_accuracy": chosen.accuracy.mean,
        "cross_validation_macro_f1": chosen.macro_f1.mean,
        "calibration_error": chosen.calibration.ece,
        "calibration_error_accepted": chosen.accepted_calibration.ece,
        "gesture_recall": every.recall,
        "false_positive_rate": every.false_positive_rate,
        "false_positive_rate_at_95_recall": every.at_recall(0.95),
    }
    if left_out is not None:
        metrics |= {
            "left_out_false_positive_rate": left_out.false_positive_rate,
            "left_out_false_positive_rate_at_95_recall": left_out.at_recall(0.95),
        }
    return metrics


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """The fits, in as many threads as the pool has."""

    pool: ThreadPoolExecutor
    progress: Progress
    seed: int

    def tune(self, kinds: Mapping[str, Sequence[Candidate]], fold: Fold) -> dict[str, Candidate]:
        """The best settings of each kind."""
        part = tuning_fold(fold, seed=self.seed)
        if part is None:
            return {kind: candidates[0] for kind, candidates in kinds.items()}
        tried = [(kind, candidate) for kind, candidates in kinds.items() for candidate in candidates]
        scores = self.run("tuning", tried, lambda one: tuning_score(one[1], part, seed=self.seed))
        best: dict[str, tuple[float, Candidate]] = {}
        for (kind, candidate), score in zip(tried, scores, strict=True):
            if kind not in best or score > best[kind][0]:
                best[kind] = (score, candidate)
        return {kind: candidate for kind, (_, candidate) in best.items()}

    def cross_validate(self, candidates: Mapping[str, Candidate], folds: Sequence[Fold]) -> dict[str, HeldOut]:
        tasks = [(kind, fold) for kind in candidates for fold in folds]
        judged = self.run("held-out folds", tasks, lambda one: judge(candidates[one[0]], one[1], seed=self.seed))
        by_kind = {kind: judged[at * len(folds) : (at + 1) * len(folds)] for at, kind in enumerate(candidates)}
        return {kind: held_out(candidates[kind], folds, by_kind[kind]) for kind in candidates}

    def leave_out(self, candidate: Candidate, folds: Sequence[Fold]) -> OpenSet | None:
        classes = sorted({*folds[0].sample.names.tolist()})
        groups = left_out_groups(classes, seed=self.seed)
        if not groups:
            return None
        pairs = self.run(
            "gestures left out",
            list(zip(folds, groups, strict=False)),
            lambda one: judge_left_out(candidate, one[0], names=one[1], seed=self.seed),
        )
        known, unknown = zip(*pairs, strict=True)
        return OpenSet.of(pooled(known), pooled(unknown))

    def run(self, step: str, items: Sequence[T], work: Callable[[T], R]) -> list[R]:
        """Results in the order of the items."""
        advance = self.progress(step, total=len(items))
        futures: list[Future[R]] = []
        try:
            futures += [self.pool.submit(work, item) for item in items]
            for future in as_completed(futures):
                future.result()
                advance()
        except BaseException:
            self.pool.shutdown(wait=False, cancel_futures=True)
            raise
        return [future.result() for future in futures]
