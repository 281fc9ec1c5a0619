"""What is served is what scikit-learn has learned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, normalise, one_way_round
from tests.training.hands import hands
from training.hands import Strings
from training.svm import SvmSettings, fit_svm, made_up

SETTINGS = SvmSettings(anchors=60)
SEEN = hands(each=40, seed=1)


def _unseen() -> tuple[Floats, Strings]:
    """Hands with the four gestures, and made-up ones with none."""
    shapes, labels = hands(each=30, seed=2)
    points = one_way_round(shapes)
    nothing = made_up(points, labels, settings=SETTINGS, random=np.random.default_rng(2))
    return np.concatenate([normalise(points), nothing]), np.concatenate([labels, np.full(len(nothing), NO_GESTURE)])


UNSEEN = _unseen()


def test_the_served_machine_equals_scikit_learns() -> None:
    machine = fit_svm(*SEEN, settings=SETTINGS)
    rows, labels = features(UNSEEN[0]), UNSEEN[1]
    decisions = machine.decisions(rows)
    served = machine.calibrated(decisions, labels)

    single = np.stack(
        [
            LogisticRegression(C=np.inf)
            .fit(decisions[:, [index]], labels == name)
            .predict_proba(decisions[:, [index]])[:, 1]
            for index, name in enumerate(machine.classes)
        ],
        axis=1,
    )

    np.testing.assert_allclose(served.decide(rows), decisions, atol=1e-3)
    np.testing.assert_allclose(served.predict_proba(rows), single / single.sum(axis=1, keepdims=True), atol=1e-3)


def test_hands_of_either_kind_are_named() -> None:
    machine = fit_svm(*SEEN, settings=SETTINGS)
    served = machine.calibrated(machine.decisions(features(UNSEEN[0])), UNSEEN[1])

    found = np.array(served.classes)[served.predict_proba(features(UNSEEN[0])).argmax(axis=1)]

    assert set(served.classes) == {"call", "fist", "no_gesture", "palm", "peace"}
    assert np.mean(found == UNSEEN[1]) > 0.9


def test_the_same_seed_gives_the_same_machine_and_another_seed_another() -> None:
    one, same, other = (
        fit_svm(*SEEN, settings=replace(SETTINGS, seed=seed)).decisions(features(UNSEEN[0])) for seed in (0, 0, 1)
    )

    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-6


@pytest.mark.parametrize("count", [1, 2])
def test_a_few_hands_are_named_as_many_are(count: int) -> None:
    machine = fit_svm(*SEEN, settings=SETTINGS)
    rows = features(UNSEEN[0])
    served = machine.calibrated(machine.decisions(rows), UNSEEN[1])

    np.testing.assert_allclose(served.predict_proba(rows[:count]), served.predict_proba(rows)[:count], atol=1e-5)
