"""A bundle is served only as it was written."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recognition.bundle import (
    MANIFEST_FILE,
    MODEL_FILE,
    SHIPPED_BUNDLE,
    BundleError,
    Refusal,
    load_bundle,
    save_bundle,
)
from recognition.features import FEATURE_COUNT
from tests.recognition.twins import CLASSES, classifier, manifest

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


class _Bomb:
    def __init__(self, trace: Path) -> None:
        self._trace = str(trace)

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (self._trace,)


def test_not_a_byte_of_a_replaced_model_is_unpickled(folder: Path, tmp_path: Path) -> None:
    (folder / MODEL_FILE).write_bytes(pickle.dumps(_Bomb(tmp_path / "went off")))

    with pytest.raises(BundleError, match="sha256"):
        load_bundle(folder)
    assert not (tmp_path / "went off").exists()


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
        ({"sha256": "0" * 64}, "sha256", Refusal.CHECKSUM),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused_with_the_reason(
    folder: Path, changed: dict[str, object], told: str, reason: Refusal
) -> None:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), **changed}))

    with pytest.raises(BundleError, match=told) as caught:
        load_bundle(folder)
    assert caught.value.reason is reason
    assert "\n" not in str(caught.value)


class _Unloadable:
    """Unpickling it calls a function that is not there, as of a library that is missing."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return importlib.import_module, ("no_such_library",)


class Speechless:
    classes = CLASSES

    def predict_proba(self, _: object) -> object:
        return np.ones((1, 2))


class Failing:
    classes = CLASSES

    def predict_proba(self, _: object) -> object:
        raise ValueError("expects\nother columns")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (_Unloadable(), "no_such_library"),
        ("no classifier", "classes"),
        (Speechless(), "probabilities"),
        (Failing(), "expects other columns"),
    ],
)
def test_what_cannot_name_a_hand_is_refused_before_it_is_served(tmp_path: Path, content: Any, told: str) -> None:
    save_bundle(tmp_path, classifier=content, manifest=manifest())

    with pytest.raises(BundleError, match=told) as caught:
        load_bundle(tmp_path)
    assert caught.value.reason is Refusal.MODEL
    assert "\n" not in str(caught.value)


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
