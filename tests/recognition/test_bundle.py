"""A bundle is served only as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from recognition.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    PICKLE_FILE,
    SHIPPED_BUNDLE,
    BundleError,
    Refusal,
    load_bundle,
    save_bundle,
)
from recognition.bundle_layout import LayoutError
from recognition.features import FEATURE_COUNT
from recognition.kernel_svm import KernelSvm
from tests.bundles import write_pickle_bundle
from tests.logged import context
from tests.recognition.twins import CLASSES, TwinClassifier, classifier, manifest

ROWS = np.random.default_rng(1).normal(size=(3, FEATURE_COUNT))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_bundle(tmp_path / "bundle", classifier=classifier(), manifest=manifest(threshold=0.25))
    return tmp_path / "bundle"


def test_what_is_loaded_is_what_was_saved(folder: Path) -> None:
    loaded = load_bundle(folder)

    assert loaded.manifest.classes == CLASSES
    assert loaded.manifest.threshold == 0.25
    assert loaded.model.name == "twin"
    assert loaded.model.sha256 == hashlib.sha256((folder / MODEL_FILE).read_bytes()).hexdigest()
    np.testing.assert_array_equal(loaded.classifier.predict_proba(ROWS), classifier().predict_proba(ROWS))


def test_the_same_model_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    again = save_bundle(tmp_path / "again", classifier=classifier(), manifest=manifest())

    assert again.sha256 == load_bundle(folder).manifest.sha256


def change_manifest(folder: Path, **changed: object) -> None:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))


class _Bomb:
    def __init__(self, trace: Path) -> None:
        self._trace = str(trace)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._trace,)


@pytest.mark.parametrize("with_its_sum", [False, True])
def test_a_pickle_in_place_of_the_model_is_never_loaded(folder: Path, tmp_path: Path, with_its_sum: bool) -> None:
    content = pickle.dumps(_Bomb(tmp_path / "went off"))
    (folder / MODEL_FILE).write_bytes(content)
    if with_its_sum:
        change_manifest(folder, sha256=hashlib.sha256(content).hexdigest())

    with pytest.raises(BundleError, match="no model that is known here" if with_its_sum else "sha256"):
        load_bundle(folder)
    assert not (tmp_path / "went off").exists()


def test_a_bundle_of_the_old_format_is_refused_with_the_command_that_converts_it(tmp_path: Path) -> None:
    folder = write_pickle_bundle(tmp_path / "old", content=_Bomb(tmp_path / "went off"))

    with pytest.raises(BundleError, match=f"handstream models convert {folder}") as caught:
        load_bundle(folder)
    assert caught.value.reason is Refusal.FORMAT
    assert not (tmp_path / "went off").exists()


def test_a_bundle_of_a_later_format_is_refused(folder: Path) -> None:
    change_manifest(folder, format=3, classes="not as they were")

    with pytest.raises(BundleError, match="format 3, this version reads format 2") as caught:
        load_bundle(folder)
    assert caught.value.reason is Refusal.FORMAT


def test_a_bundle_that_is_written_over_an_old_one_leaves_no_pickle(tmp_path: Path) -> None:
    folder = write_pickle_bundle(tmp_path / "bundle", content=classifier())

    save_bundle(folder, classifier=classifier(), manifest=manifest())

    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST_FILE, MODEL_FILE]
    assert not (folder / PICKLE_FILE).exists()
    load_bundle(folder)


def test_a_damaged_model_is_named_with_both_sums(folder: Path) -> None:
    expected = load_bundle(folder).manifest.sha256
    content = bytearray((folder / MODEL_FILE).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL_FILE).write_bytes(content)

    with pytest.raises(BundleError) as caught:
        load_bundle(folder)
    for told in (str(folder), expected, hashlib.sha256(content).hexdigest()):
        assert told in str(caught.value)


def test_a_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"there is no model bundle in .*nowhere"):
        load_bundle(tmp_path / "nowhere")


def test_a_missing_model_file_is_named(folder: Path) -> None:
    (folder / MODEL_FILE).unlink()

    with pytest.raises(BundleError, match=MODEL_FILE):
        load_bundle(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": 1}'])
def test_a_manifest_that_cannot_be_read_is_named(folder: Path, text: str) -> None:
    (folder / MANIFEST_FILE).write_text(text)

    with pytest.raises(BundleError, match=MANIFEST_FILE):
        load_bundle(folder)


@pytest.mark.parametrize(
    ("changed", "told", "reason"),
    [
        ({"features": "older.v0"}, "older.v0", Refusal.FEATURES),
        ({"classes": ["no_gesture", "fist"]}, "differ", Refusal.CLASSES),
        ({"classes": ["fist", "palm", "peace"]}, "'no_gesture' is missing", Refusal.CLASSES),
        ({"classes": [*CLASSES, "palm"]}, "'palm' stands twice", Refusal.CLASSES),
        ({"classes": [*CLASSES, "<b>"]}, "'<b>'", Refusal.CLASSES),
        ({"classes": [*CLASSES, "palm\n"]}, "small letters", Refusal.CLASSES),
        ({"threshold": 7}, "threshold", Refusal.MANIFEST),
        ({"thresholds": {"palm": 1.5}}, "threshold of 'palm'", Refusal.MANIFEST),
        ({"thresholds": {"wave": 0.5}}, "'wave', which is none of its gestures", Refusal.MANIFEST),
        ({"thresholds": {"no_gesture": 0.5}}, "'no_gesture', which is none of its gestures", Refusal.MANIFEST),
        ({"sha256": "0" * 64}, "sha256", Refusal.CHECKSUM),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused_with_the_reason(
    folder: Path, changed: dict[str, object], told: str, reason: Refusal
) -> None:
    change_manifest(folder, **changed)

    with pytest.raises(BundleError, match=told) as caught:
        load_bundle(folder)
    assert caught.value.reason is reason
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_gives_no_probabilities_is_refused_before_it_is_served(tmp_path: Path) -> None:
    # Each number is a good one, and yet a hand becomes infinite on its way.
    machine = classifier().scorer
    assert isinstance(machine, KernelSvm)
    vast = replace(machine, scale=np.zeros(FEATURE_COUNT, np.float32))
    save_bundle(tmp_path, classifier=replace(classifier(), scorer=vast), manifest=manifest())

    with pytest.raises(BundleError, match="gives no probabilities of its 4 classes") as caught:
        load_bundle(tmp_path)
    assert caught.value.reason is Refusal.MODEL


def test_a_classifier_of_no_known_kind_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(LayoutError, match="TwinClassifier is no registered kind"):
        save_bundle(tmp_path, classifier=TwinClassifier(1.0, 0.0, 0.0, 0.0), manifest=manifest())
    assert list(tmp_path.iterdir()) == []


def test_another_major_version_of_a_library_is_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    installed = version("numpy")
    change_manifest(
        folder, libraries={"numpy": "0.9.8", "msgspec": version("msgspec"), "a-library-that-nobody-has": "1.0"}
    )

    load_bundle(folder)

    (warning,) = caplog.records
    assert (warning.levelname, warning.name) == ("WARNING", "handstream.model")
    assert warning.getMessage() == f"Model twin 7 was trained with numpy 0.9.8; {installed} is installed"
    assert context(warning) == {
        "model": "twin",
        "model_version": "7",
        "library": "numpy",
        "trained_with": "0.9.8",
        "installed": installed,
    }


def test_the_libraries_that_it_was_trained_with_are_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    load_bundle()

    assert caplog.records == []


def test_serving_imports_nothing_that_reads_pickles_of_models() -> None:
    program = (
        "import sys, numpy\n"
        "from recognition.bundle import load_bundle\n"
        "from recognition.pipeline import Recognizer\n"
        "from recognition.features import features\n"
        "from recognition.decision import decide\n"
        "bundle = load_bundle()\n"
        "probabilities = bundle.classifier.predict_proba(features(numpy.random.rand(1, 21, 2)))\n"
        "decide(probabilities, classes=bundle.manifest.classes, thresholds=bundle.manifest.class_thresholds)\n"
        "print(*sorted({'joblib', 'sklearn', 'lightgbm', 'cloudpickle', 'dill'} & sys.modules.keys()))\n"
    )

    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert done.stdout == "\n"


def test_who_reads_while_a_bundle_is_written_finds_a_whole_one_or_a_sum_that_is_wrong(folder: Path) -> None:
    ended = threading.Event()

    def write() -> None:
        for seed in range(60):
            save_bundle(folder, classifier=classifier(seed=seed), manifest=manifest())
        ended.set()

    writing = threading.Thread(target=write)
    writing.start()
    reasons = set()
    while not ended.is_set():
        try:
            load_bundle(folder)
        except BundleError as error:
            reasons.add(error.reason)
    writing.join()

    assert reasons <= {Refusal.CHECKSUM}
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST_FILE, MODEL_FILE]


def test_the_shipped_bundle_is_small_and_knows_all_gestures() -> None:
    shipped = load_bundle()

    assert (SHIPPED_BUNDLE / MODEL_FILE).stat().st_size <= 2_000_000
    assert len(shipped.manifest.classes) == 19
    assert "no_gesture" in shipped.manifest.classes
    assert 0 < shipped.manifest.threshold < 1
    assert "HaGRID" in (SHIPPED_BUNDLE / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_probabilities_add_up_to_one() -> None:
    probabilities = load_bundle().classifier.predict_proba(ROWS)

    assert probabilities.shape == (3, 19)
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-6)
