"""From hands to a bundle: the same for any number of threads, and stopped as a whole."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from recognition.bundle import MANIFEST_FILE, MODEL_FILE, load_bundle, save_bundle
from recognition.features import Floats
from tests.training.hands import FOUR, SEVEN
from tests.training.small import ONLY_LINEAR, SMALL, few_others, table, trained
from training.candidate import Fitted
from training.hands import Strings
from training.trainer import Trained


def written(folder: Path, result: Trained) -> tuple[bytes, bytes]:
    save_bundle(folder, classifier=result.bundle.classifier, manifest=result.bundle.manifest)
    return (folder / MODEL_FILE).read_bytes(), (folder / MANIFEST_FILE).read_bytes()


@pytest.mark.parametrize("kind", list(SMALL))
def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_threads(kind: str, tmp_path: Path) -> None:
    given, kinds = table(each=10, gestures=SEVEN if kind == "logistic_regression" else FOUR), {kind: SMALL[kind]}

    one, three, other = (
        written(tmp_path / name, trained(given, kinds=kinds, seed=seed, threads=threads))
        for name, seed, threads in (("one", 0, 1), ("three", 0, 3), ("other", 1, 2))
    )

    assert one == three
    assert one != other


def test_what_is_trained_says_all_that_is_known_of_it(tmp_path: Path) -> None:
    result = trained(table(each=20, gestures=SEVEN), unseen=table(each=5, gestures=SEVEN, seed=4))

    written(tmp_path, result)
    manifest = load_bundle(tmp_path).manifest
    assert manifest.kind == result.kind
    assert list(manifest.candidates) == list(SMALL)
    for figures in manifest.candidates.values():
        assert 0.5 < figures["evaluation_accuracy_low"] <= figures["evaluation_accuracy"] <= 1
        assert figures["evaluation_accuracy"] <= figures["evaluation_accuracy_high"] <= 1
        assert 0.8 < figures["training_accuracy"] <= 1
    assert manifest.metrics["check_accuracy"] > 0.9
    assert 0 <= manifest.metrics["left_out_false_positive_rate"] <= 1
    assert manifest.data["hands"] == 140
    assert result.left_out is not None
    assert result.left_out.others > 0


def test_with_few_gestures_none_is_left_out() -> None:
    result = trained(table(each=10), kinds=ONLY_LINEAR, others=few_others(5))

    assert result.left_out is None
    assert not any(name.startswith("left_out") for name in result.bundle.manifest.metrics)


@dataclass(frozen=True)
class Stopping:
    """Somebody presses Ctrl-C while it is fitted; or it fails."""

    kind: ClassVar = "svm"
    begun: ClassVar[list[int]] = []
    fails: bool = False

    def fit(self, rows: Floats, names: Strings, *, seed: int) -> Fitted:
        self.begun.append(seed)
        if self.fails:
            raise ArithmeticError("no such hand")
        if len(self.begun) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return ONLY_LINEAR["logistic_regression"][0].fit(rows, names, seed=seed)


@pytest.mark.parametrize(("fails", "raised"), [(False, KeyboardInterrupt), (True, ArithmeticError)])
def test_what_is_stopped_begins_nothing_more_and_leaves_no_thread(fails: bool, raised: type[BaseException]) -> None:
    Stopping.begun.clear()

    with pytest.raises(raised):
        trained(table(each=10), kinds={"svm": (Stopping(fails=fails),)}, others=few_others(5), threads=1)

    assert len(Stopping.begun) < 5, "what was waiting was fitted all the same"
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("fit")]
