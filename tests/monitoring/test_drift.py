"""How far what is seen lies from a reference."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from monitoring.drift import CLASS_MIX, CONFIDENCE, LANDMARKS, NO_HAND, DriftWindow
from recognition.bundle import SHIPPED_BUNDLE, read_manifest
from recognition.reference import BOUNDS, FEATURES, SHAPE, Reference
from tests.stream_app.twins import Clock

HANDS = 2000
RANDOM = np.random.default_rng(0)


def values(name: str, count: int) -> dict[str, list[float]]:
    """Fists are small and palms are large; both are named surely."""
    middle = {"fist": 0.8, "palm": 1.4}[name]
    drawn = {finger: RANDOM.normal(middle, 0.1, count).tolist() for finger in SHAPE[:-1]}
    return {
        CONFIDENCE: RANDOM.uniform(0.8, 1.0, count).tolist(),
        **drawn,
        "turn": RANDOM.normal(0, 0.05, count).tolist(),
    }


def reference() -> Reference:
    """As many fists as palms, and a hand in nine of ten pictures."""
    rows = [np.array(list(values(name, HANDS).values())).T for name in ("fist", "palm")]
    names = ["fist"] * HANDS + ["palm"] * HANDS
    return Reference.of(names, np.concatenate(rows), origin="drawn", without_hand=0.1)


def window(**how: float | Clock) -> DriftWindow:
    made = DriftWindow(**how)  # type: ignore[arg-type]
    made.refer(reference())
    return made


def show(seen: DriftWindow, name: str, count: int, **other: float) -> None:
    """other: of a feature, what is added to it."""
    drawn = values(name, count)
    for row in range(count):
        seen.add([name], {feature: [column[row] + other.get(feature, 0.0)] for feature, column in drawn.items()})


def test_the_same_mix_stays_near_0_and_another_mix_moves_the_class_mix_alone() -> None:
    same, other = window(), window()
    for name in ("fist", "palm"):
        show(same, name, 450)
    for _ in range(100):
        same.add([], {})
    show(other, "palm", 900)

    assert max(same.distances().values()) < 0.1
    assert same.frames() == 1000
    moved = other.distances()
    assert moved[CLASS_MIX] > 0.5
    # Palms that look like palms are no strange hands, however many of them there are.
    assert moved[LANDMARKS] < 0.1
    assert moved[CONFIDENCE] < 0.1


@pytest.mark.parametrize(
    ("other", "moves"), [({"turn": 0.5}, LANDMARKS), ({"little": -0.4}, LANDMARKS), ({CONFIDENCE: -0.4}, CONFIDENCE)]
)
def test_hands_that_look_otherwise_are_seen_in_what_differs(other: dict[str, float], moves: str) -> None:
    seen = window()
    for name in ("fist", "palm"):
        show(seen, name, 500, **other)

    distances = seen.distances()

    assert distances.pop(moves) > 0.5
    assert max(distances[feature] for feature in (CLASS_MIX, LANDMARKS, CONFIDENCE) if feature != moves) < 0.1


def test_pictures_without_a_hand_are_compared_only_where_their_share_is_known() -> None:
    seen, unknown = window(), DriftWindow()
    unknown.refer(dataclasses.replace(reference(), without_hand=None))
    for one in (seen, unknown):
        for _ in range(400):
            one.add([], {})

    assert seen.distances() == {NO_HAND: pytest.approx(0.83, abs=0.05)}
    assert unknown.distances() == {}


def test_with_few_hands_or_without_a_reference_there_is_no_distance() -> None:
    few, without = window(least=300), DriftWindow()
    show(few, "fist", 299)
    show(without, "fist", 400)
    assert few.distances() == {}
    assert without.distances() == {}

    show(few, "fist", 1)
    assert set(few.distances()) == {CLASS_MIX, CONFIDENCE, LANDMARKS, NO_HAND}


def test_what_is_older_than_the_window_or_of_another_model_is_forgotten() -> None:
    clock = Clock()
    seen = window(window_seconds=900.0, least=10, clock=clock)
    show(seen, "fist", 100)
    clock.now += 800
    show(seen, "palm", 100)
    assert seen.frames() == 200

    clock.now += 200
    assert seen.frames() == 100
    seen.refer(reference())
    assert seen.frames() == 0
    assert seen.distances() == {}


def test_a_class_that_the_reference_has_not_seen_is_compared_with_all_that_it_has() -> None:
    seen = window()
    drawn = values("fist", 400)
    for row in range(400):
        seen.add(["wave"], {feature: [column[row]] for feature, column in drawn.items()})

    assert seen.distances()[CLASS_MIX] == 1
    assert 0.3 < seen.distances()[LANDMARKS] < 1


def test_the_shipped_model_has_a_reference() -> None:
    manifest = read_manifest(SHIPPED_BUNDLE)

    assert manifest.reference is not None
    assert manifest.reference.bounds == BOUNDS
    assert set(manifest.reference.counts) == set(manifest.classes)
    hands = {feature: sum(sum(of[feature]) for of in manifest.reference.counts.values()) for feature in FEATURES}
    assert set(hands.values()) == {sum(sum(of[CONFIDENCE]) for of in manifest.reference.counts.values())}
    assert min(hands.values()) > manifest.data["hands"]
    assert manifest.reference.without_hand == pytest.approx(1 - 224 / 225, abs=1e-4)
