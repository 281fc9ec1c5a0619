"""HaGRID's own annotations, of both versions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recognition.features import features
from tests.training.hands import hands
from tests.training.sources import HEIGHT, WIDTH, annotation, write_annotations
from training.dataset import read_hands
from training.hands import DataError, Hands

POINTS, LABELS = hands(each=2)
PALM, PEACE = POINTS[LABELS == "palm"], POINTS[LABELS == "peace"]
BOTH = np.stack([PALM[0], PEACE[0]])


def read(path: Path, *, aspect: float | None = WIDTH / HEIGHT, skip: bool = False) -> Hands:
    return read_hands([path], aspect=aspect, skip_faulty=skip, cache_dir=path.parent)


@pytest.mark.parametrize("key", ["landmarks", "hand_landmarks"])
def test_each_hand_has_its_own_label(tmp_path: Path, key: str) -> None:
    images = {
        "1a": annotation(BOTH, ["palm", "no_gesture"], key=key, user_id="ann", leading_hand="left", leading_conf=1.0),
        "2b": annotation(PEACE[:1], ["peace"], key=key, user_id="bob", united_bbox=None, meta={"age": [24.4]}),
    }

    found = read(write_annotations(tmp_path / "palm.json", images))

    assert found.labels.tolist() == ["palm", "no_gesture", "peace"]
    assert found.people.tolist() == ["ann", "ann", "bob"]
    assert found.places.tolist() == ["palm.json:1a[0]", "palm.json:1a[1]", "palm.json:2b"]
    expected = np.stack([PALM[0], PEACE[0], PEACE[0]])
    np.testing.assert_allclose(features(found.points), features(expected), atol=1e-9)


def test_a_hand_without_landmarks_is_counted_and_never_refused(tmp_path: Path) -> None:
    images = {"1a": annotation(BOTH, ["palm", "no_gesture?"]), "2b": annotation(PEACE[:1], ["peace?"])}

    found = read(write_annotations(tmp_path / "palm.json", images))

    assert found.labels.tolist() == ["palm"]
    assert [fault.place for fault in found.faults] == ["palm.json:1a[1]", "palm.json:2b"]
    assert found.without_hand == 2


def test_the_images_shape_must_be_said(tmp_path: Path) -> None:
    images = {"1a": annotation(PALM, ["palm", "palm"])}
    path = write_annotations(tmp_path / "palm.json", images)
    own = write_annotations(tmp_path / "own.json", {"1a": {**images["1a"], "width": WIDTH, "height": HEIGHT}})

    with pytest.raises(DataError, match="--aspect"):
        read(path, aspect=None)
    np.testing.assert_allclose(read(own, aspect=None).points, PALM, atol=1e-9)


@pytest.mark.parametrize(
    ("image", "told"),
    [
        (annotation(PALM[:1], ["grip"]), "unknown label 'grip' (--gesture grip allows it)"),
        ({"labels": ["palm", "one"], "landmarks": [[[0.1, 0.2]] * 21]}, "not as many hands as labels"),
        ({"labels": ["palm"], "landmarks": [[[0.1, 0.2]] * 20]}, "not 21 points"),
        ({"labels": ["palm"], "landmarks": [[0.5] * 21]}, "not 21 points"),
        ({"labels": "palm", "landmarks": []}, "labels are not a list"),
        ({"labels": ["palm"], "landmarks": [[[0.1, 0.2]] * 21]}, "fall together"),
        (annotation(PALM[:1] * WIDTH, ["palm"]), "not in 0..1 of the image"),
        (annotation(PALM[:1], ["palm"], width=0, height=0), "width and height"),
        (annotation(PALM[:1], ["palm"], width=3), "height"),
        ([], "not an object"),
    ],
)
def test_a_faulty_image_is_named(tmp_path: Path, image: object, told: str) -> None:
    path = write_annotations(tmp_path / "palm.json", {"good": annotation(PALM, ["palm", "palm"]), "bad": image})

    with pytest.raises(DataError) as caught:
        read(path)
    for part in (str(path), "1 is faulty", "palm.json:bad", told):
        assert part in str(caught.value)
    assert len(read(path, skip=True)) == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "cannot be read as JSON"),
        ("[1]", "is no HaGRID annotation"),
        ("{}", "is no HaGRID annotation"),
        ('{"name": "handstream"}', "is no HaGRID annotation"),
        ('{"1a": {"labels": ["palm"], "bboxes": [[0, 0, 1, 1]]}}', "give the photographs themselves"),
    ],
)
def test_what_is_no_annotation_is_named(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "palm.json").write_text(content)

    with pytest.raises(DataError, match=told):
        read(tmp_path / "palm.json")
