"""What is judged was not fitted to: neither the hand, nor its person, nor its kind of pose."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from events.prediction import NO_GESTURE
from recognition.features import Floats, features, mirrored
from tests.training.hands import SEVEN, hands
from tests.training.small import few_others, labelled, table
from training.folds import MADE_UP, REAL, RENDERED, Fold, make_folds
from training.groups import groups_of
from training.hands import DataError, Hands
from training.samples import SampleSettings

# What is fitted to is then nothing but the hands themselves.
PLAIN = SampleSettings(views=0, made_up=0.0, rendered=100.0, distance=0.0)
OTHERS = few_others(12)


def rows_of(points: Floats) -> list[bytes]:
    """A mark for each hand, by which it is known again."""
    return [row.tobytes() for row in np.round(features(points), 9) + 0.0]


def marks(rows: Floats) -> set[bytes]:
    return {row.tobytes() for row in np.round(rows, 9) + 0.0}


def folds_of(given: Hands, *, settings: SampleSettings = PLAIN, seed: int = 0) -> list[Fold]:
    return make_folds(given, others=OTHERS, settings=settings, seed=seed)


def test_rows_of_one_person_stay_together() -> None:
    people = ["ann", "bob", "ann", "cid", "dan", "bob"]
    groups = groups_of(table(each=2, people=people, gestures=("palm", "fist", "peace")))

    assert groups[0] == groups[2]
    assert groups[1] == groups[5]
    assert len(set(groups)) == 4


def test_the_same_photograph_cut_or_mirrored_anew_stays_together() -> None:
    alone = table(each=4, gestures=("palm", "fist", "peace"))
    again = replace(
        alone,
        points=np.concatenate([alone.points, alone.points[:2] * 1.7 + 30, mirrored(alone.points[2:4])]),
        labels=np.concatenate([alone.labels, alone.labels[:4]]),
        people=np.array([""] * 16),
        places=np.array([str(row) for row in range(16)]),
    )

    groups = groups_of(again)

    assert len(set(groups[:12])) == 12
    assert groups[12:].tolist() == groups[:4].tolist()


def test_each_hand_is_judged_once_and_none_in_a_fold_that_was_fitted_to_it() -> None:
    given = table(each=12)

    folds = folds_of(given)

    judged = Counter(label for fold in folds for label in fold.names[fold.origins == REAL].tolist())
    assert judged == {"palm": 12, "fist": 12, "peace": 12, "call": 12}
    for fold in folds:
        assert not marks(fold.rows[fold.origins == REAL]) & marks(fold.sample.rows)
        assert marks(fold.rows[fold.origins == REAL]) | marks(fold.sample.rows) >= set(rows_of(given.points))


def test_neither_people_nor_near_duplicates_are_on_both_sides() -> None:
    points, labels = hands(each=24)
    people = [f"person{row % 8}" if row % 2 else "" for row in range(len(labels))]
    twins = points[::6] * 1.4 + 20
    given = labelled(
        np.concatenate([points, twins]), np.concatenate([labels, labels[::6]]), people=[*people, *[""] * len(twins)]
    )
    group_of = dict(zip(rows_of(given.points), groups_of(given).tolist(), strict=True))

    folds = folds_of(given)

    assert len(folds) == 5
    for fold in folds:
        fitted = {group_of[mark] for mark in marks(fold.sample.rows) if mark in group_of}
        judged = {group_of[mark] for mark in marks(fold.rows[fold.origins == REAL])}
        assert judged
        assert not fitted & judged


def test_rendered_hands_are_judged_by_kinds_of_pose_that_nothing_was_fitted_to() -> None:
    kind_of = dict(zip(rows_of(OTHERS.points), OTHERS.kinds.tolist(), strict=True))

    folds = folds_of(table(each=12))

    every = set()
    for fold in folds:
        judged = {kind_of[mark] for mark in marks(fold.rows[fold.origins == RENDERED])}
        fitted = {kind_of[mark] for mark in marks(fold.sample.rows) if mark in kind_of}
        assert judged
        assert not judged & fitted
        assert judged | fitted == set(OTHERS.kinds)
        every |= judged
    assert every == set(OTHERS.kinds)


def test_what_makes_no_gesture_is_labelled_so_wherever_it_comes_from() -> None:
    for fold in folds_of(table(each=40), settings=SampleSettings()):
        assert set(fold.origins) == {REAL, MADE_UP, RENDERED}
        assert set(fold.names[fold.origins != REAL]) == {NO_GESTURE}
        assert NO_GESTURE not in fold.names[fold.origins == REAL]
        assert len(fold.rows) == len(fold.names) == len(fold.origins)
        assert NO_GESTURE in fold.sample.names


def test_three_people_make_three_folds() -> None:
    given = table(each=15, people=[("ann", "bob", "eve")[row % 3] for row in range(60)])

    assert [int((fold.origins == REAL).sum()) for fold in folds_of(given)] == [20, 20, 20]


def test_a_gesture_of_two_people_among_many_is_learned_in_every_fold() -> None:
    points, labels = hands(each=20)
    people = [f"person{row % 10}" if label != "call" else ("ann", "bob")[row % 2] for row, label in enumerate(labels)]

    folds = folds_of(labelled(points, labels, people=people))

    assert all("call" in fold.sample.names for fold in folds)
    assert len(folds) == 5


def test_the_fewest_hands_that_are_taken_can_be_judged() -> None:
    folds = folds_of(table(each=5), settings=SampleSettings())

    assert [int((fold.origins == REAL).sum()) for fold in folds] == [4] * 5


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (table(each=9, gestures=("palm", "fist")), r"2 gestures .*fist, palm"),
        (table(each=4, gestures=("palm", "fist", "peace")), r"fewer than 5 hands of fist \(4\), palm \(4\), peace"),
        (table(each=6, people=["ann"] * 24), r"call, fist, palm, peace: shown by too few people"),
        (
            table(each=6, people=["ann" if row >= 18 else f"person{row % 3}" for row in range(24)]),
            r"^call: shown by too few people",
        ),
    ],
)
def test_too_few_gestures_hands_or_people_are_named(given: Hands, told: str) -> None:
    with pytest.raises(DataError, match=told):
        folds_of(given)


def test_a_fold_without_a_gesture_is_as_if_it_had_never_been_there() -> None:
    points, labels = hands(each=20, gestures=SEVEN)
    keep = ~np.isin(labels, ["rock", "one"])
    (fold, *_) = folds_of(labelled(points, labels), settings=SampleSettings(views=0, made_up=3.0, rendered=100.0))

    rest = fold.without(["rock", "one"])

    assert {"rock", "one"} & {*fold.sample.names.tolist()} & {*fold.names.tolist()}
    assert not {"rock", "one"} & {*rest.sample.names.tolist(), *rest.names.tolist()}
    real = marks(rest.rows[rest.origins == REAL]) | marks(rest.sample.rows[rest.sample.names != NO_GESTURE])
    assert real == set(rows_of(points[keep]))
    # What was made up of them is gone too, and nothing rendered has come that was left out for being like them.
    rendered = marks(fold.rows[fold.origins == RENDERED])
    assert marks(rest.rows[rest.origins == RENDERED]) <= rendered
    made = (fold.sample.names == NO_GESTURE).sum(), (rest.sample.names == NO_GESTURE).sum()
    assert made[1] < made[0]


def test_whole_sources_are_held_out() -> None:
    given = table(each=30)
    sources = np.array([f"source{row % 6}" for row in range(len(given))])
    given = replace(given, sources=sources, groups=np.char.add(sources, "/"))
    source_of = dict(zip(rows_of(given.points), sources.tolist(), strict=True))

    folds = folds_of(given)

    assert len(folds) == 5
    for fold in folds:
        judged = {source_of[mark] for mark in marks(fold.rows[fold.origins == REAL])}
        fitted = {source_of[mark] for mark in marks(fold.sample.rows) if mark in source_of}
        assert judged
        assert not judged & fitted


def test_groups_are_held_out_where_sources_are_too_few() -> None:
    given = table(each=30)
    groups = np.array([f"lab/{row % 6}" for row in range(len(given))])
    given = replace(given, sources=np.full(len(given), "lab"), groups=groups)
    group_of = dict(zip(rows_of(given.points), groups.tolist(), strict=True))

    folds = folds_of(given)

    assert len(folds) == 5
    for fold in folds:
        judged = {group_of[mark] for mark in marks(fold.rows[fold.origins == REAL])}
        assert not judged & {group_of[mark] for mark in marks(fold.sample.rows) if mark in group_of}
