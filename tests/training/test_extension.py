"""A gesture of one's own, added to a model that is there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from events.prediction import NO_GESTURE
from handstream.cli import app
from recognition.bundle import CARD_FILE, SHIPPED_BUNDLE, Bundle, load_bundle, save_bundle
from recognition.decision import decide
from recognition.features import Floats, features
from tests.training.hands import hands, write_table
from tests.training.small import ONLY_LINEAR, few_others, labelled, table, trained
from training.extender import Extended, extend_bundle
from training.hands import DataError, Hands, Strings

# No class of the shipped model.
PINKY = "pinky"


def pinky(*, each: int = 5, people: int = 3, seed: int = 0) -> Hands:
    """Hands with the little finger out, as the upright hands of tests.training.hands."""
    points, _ = hands(each=each * people, gestures=("little",), seed=seed)
    who = [f"person {number}" for number in range(people) for _ in range(each)]
    return labelled(points, np.full(len(points), PINKY), people=who)


def named(bundle: Bundle, points: Floats) -> Strings:
    manifest = bundle.manifest
    probabilities = bundle.classifier.predict_proba(features(points))
    return decide(probabilities, classes=manifest.classes, thresholds=manifest.class_thresholds).gestures


def extend(given: Hands) -> Extended:
    return extend_bundle(load_bundle(SHIPPED_BUNDLE), given, others=few_others(), name="mine", version="7", seed=0)


@pytest.fixture(scope="module")
def extended() -> Extended:
    return extend(pinky())


def test_fifteen_hands_of_three_people_are_enough(extended: Extended) -> None:
    others = pinky(each=10, people=1, seed=7)

    assert set(named(load_bundle(SHIPPED_BUNDLE), others.points)) <= {NO_GESTURE, "call", "rock"}
    assert (named(extended.bundle, others.points) == PINKY).mean() >= 0.9
    (figures,) = extended.figures.gestures
    assert (figures.gesture, figures.hands, figures.right_before) == (PINKY, 15, 0)
    assert figures.right >= 13
    assert extended.figures.figures()["extension_false_positive_rate"] < 0.03


def test_the_other_gestures_stay_as_they_were(extended: Extended) -> None:
    points, labels = hands(each=20, gestures=("palm",), seed=3)

    assert extended.bundle.manifest.classes == (*load_bundle(SHIPPED_BUNDLE).manifest.classes, PINKY)
    assert named(extended.bundle, points).tolist() == labels.tolist()
    assert extended.figures.others > 0
    assert extended.figures.changed <= 0.05 * extended.figures.others


def test_the_manifest_says_what_it_is(extended: Extended, tmp_path: Path) -> None:
    base = load_bundle(SHIPPED_BUNDLE).manifest
    saved = save_bundle(tmp_path, classifier=extended.bundle.classifier, manifest=extended.bundle.manifest)
    loaded = load_bundle(tmp_path)

    assert loaded.manifest == saved
    assert (saved.name, saved.version, saved.kind) == ("mine", "7", "svm")
    assert saved.thresholds.items() >= base.thresholds.items()
    assert saved.training_data == {**base.training_data, "hands.csv": "0" * 64}
    assert saved.metrics["extension_hands"] == 15


def test_hands_of_a_gesture_that_it_knows_correct_it() -> None:
    """All of the little fingers are `rock` to whoever recorded them."""
    given = replace(pinky(), labels=np.full(15, "rock"))
    extended = extend(given)

    assert extended.bundle.manifest.classes == load_bundle(SHIPPED_BUNDLE).manifest.classes
    assert (named(extended.bundle, pinky(seed=7).points) == "rock").mean() >= 0.9


def test_the_same_hands_give_the_same_model(extended: Extended) -> None:
    points = pinky(seed=9).points

    again = extend(pinky()).bundle.classifier.predict_proba(features(points))
    np.testing.assert_array_equal(extended.bundle.classifier.predict_proba(features(points)), again)


def test_one_person_is_too_few() -> None:
    with pytest.raises(DataError, match="pinky: shown by too few people"):
        extend(pinky(each=15, people=1))
    with pytest.raises(DataError, match=r"fewer than 5 hands of pinky \(4\)"):
        extend(pinky(each=2, people=2))
    with pytest.raises(DataError, match="no hand with a gesture"):
        extend(replace(pinky(), labels=np.full(15, NO_GESTURE)))


def test_only_a_support_vector_machine_can_be_extended() -> None:
    linear = trained(table(each=20), kinds=ONLY_LINEAR, others=few_others()).bundle

    with pytest.raises(DataError, match="logistic_regression, and only a support vector machine"):
        extend_bundle(linear, pinky(), others=few_others(), name="mine", version="1", seed=0)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["train", "--no-track", *map(str, arguments)])


def test_the_command(tmp_path: Path) -> None:
    given = pinky()
    people = {"user_id": given.people.tolist()}
    file = write_table(tmp_path / "pinky.csv", given.points, given.labels.tolist(), more=people)
    out = tmp_path / "mine"
    result = run(file, "--gesture", PINKY, "--extend", SHIPPED_BUNDLE, "--out", out, "--name", "mine")

    assert result.exit_code == 0, result.output
    assert "mine 1, gestures 4 extended, in" in result.stdout
    assert "hands without a gesture named as one:" in result.stdout
    assert PINKY in load_bundle(out).manifest.classes
    card = (out / CARD_FILE).read_text()
    assert "extended by recorded hands: 15 of `pinky`" in card
    assert "`pinky.csv`" in card


def test_options_that_have_no_use_are_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "--extend", SHIPPED_BUNDLE, "--kind", "svm", "--report", tmp_path / "report")

    assert result.exit_code == 2
    assert "handstream train: --kind, --report cannot go with --extend" in result.stderr
    assert run(tmp_path, "--extend", tmp_path / "nowhere").exit_code == 2
