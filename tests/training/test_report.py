"""The report of a training run and the model card."""

from __future__ import annotations

import dataclasses
import io

import pytest
from PIL import Image
from rich.console import Console

from recognition.bundle import Manifest
from tests.training.hands import SEVEN
from tests.training.small import SMALL, few_others, table, trained
from training.hands import Fault, Hands
from training.kind_figures import Interval
from training.model_card import model_card
from training.report import classes_table, kind_rows, kinds_table, open_set_rows
from training.report_page import page, pictures
from training.selection import RULE
from training.trainer import Trained, rounded

HANDS = table(each=10, gestures=SEVEN)
TWO = {kind: SMALL[kind] for kind in ("logistic_regression", "svm")}


@pytest.fixture(scope="module")
def result() -> Trained:
    return trained(HANDS, kinds=TWO, others=few_others(20))


@pytest.fixture(scope="module")
def drawn(result: Trained) -> dict[str, bytes]:
    return pictures(result)


def with_a_name(result: Trained, name: str) -> Trained:
    """A gesture by another name, as it stands in every table."""
    chosen = result.figures[result.kind]
    renamed = tuple(dataclasses.replace(one, name=name) for one in chosen.classes[:1])
    figures = {**result.figures, result.kind: dataclasses.replace(chosen, classes=renamed)}
    return dataclasses.replace(result, figures=figures)


def with_manifest(result: Trained, **changed: object) -> Trained:
    manifest: Manifest = dataclasses.replace(result.bundle.manifest, **changed)  # type: ignore[arg-type]
    return dataclasses.replace(result, bundle=dataclasses.replace(result.bundle, manifest=manifest))


def in_the_terminal(shown: object, *, width: int) -> str:
    console = Console(width=width, file=io.StringIO(), force_terminal=False)
    console.print(shown)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_pictures_are_pngs_of_every_kind_and_come_again_byte_for_byte(result: Trained, drawn: dict[str, bytes]) -> None:
    assert drawn.keys() == {
        "open_set.png",
        *(f"{what}_{kind}.png" for what in ("confusion", "reliability") for kind in TWO),
    }
    for content in drawn.values():
        assert Image.open(io.BytesIO(content)).width > 300
    assert pictures(result)["open_set.png"] == drawn["open_set.png"]


def test_the_page_shows_every_kind_its_classes_and_hands_without_a_gesture(
    result: Trained, drawn: dict[str, bytes]
) -> None:
    shown = page(result, drawn)

    for row in kind_rows(result):
        for cell in row:
            assert f"<td>{cell}</td>" in shown
    assert shown.count('class="chosen"') == 1
    assert shown.count("<details open>") == 1
    assert shown.count("<img ") == len(drawn)
    for name in (*SEVEN, "no_gesture", "gestures left out", "made up", "rendered", "real"):
        assert (f"<td>{name}</td>" in shown) == (name != "real")


def test_labels_are_shown_and_not_run(result: Trained, drawn: dict[str, bytes]) -> None:
    shown = page(with_a_name(with_manifest(result, name="<b>&"), "<script>alert(1)</script>"), drawn)

    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<b>" not in shown


def test_hands_without_a_gesture_are_told_apart_by_where_they_come_from(result: Trained) -> None:
    rows = {name: rest for name, *rest in open_set_rows(result)}

    assert list(rows) == ["all", "made up", "rendered", "gestures left out"]
    assert int(rows["all"][0]) == int(rows["made up"][0]) + int(rows["rendered"][0])


def test_a_rate_that_is_not_reached_is_a_dash_and_no_figure(result: Trained) -> None:
    chosen = result.figures[result.kind]
    sets = {name: dataclasses.replace(one, recalls=one.recalls * 0.5) for name, one in chosen.open_sets.items()}
    figures = {**result.figures, result.kind: dataclasses.replace(chosen, open_sets=sets)}
    lost = dataclasses.replace(result, figures=figures, left_out=None)

    assert [row[-1] for row in open_set_rows(lost)] == ["-"] * 3
    assert "false_positive_rate_at_95_recall_all" not in rounded(lost.figures[result.kind].figures())
    assert "| - |" in model_card(
        with_manifest(lost, candidates={kind: rounded(one.figures()) for kind, one in figures.items()}),
        hands=HANDS,
        origin="",
        seed=0,
    )


@pytest.mark.parametrize("width", [80, 200])
def test_the_tables_fit_into_a_terminal(result: Trained, width: int) -> None:
    four = dataclasses.replace(
        result, figures=dict.fromkeys(SMALL, result.figures[result.kind]), kind="logistic_regression"
    )

    text = in_the_terminal(kinds_table(four), width=width) + in_the_terminal(
        classes_table(result.figures[result.kind]), width=width
    )

    assert "…" not in text
    for told in ("svm", "lightgbm", "random_forest", "macro F1", "0.", " kB", " ms", "four", "no_gesture"):
        assert told in text


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (Interval(mean=0.9512, low=0.94, high=0.9624), "0.951 ± 0.011"),
        (Interval(mean=0.99, low=0.96, high=1.0), "0.990 ± 0.030"),
    ],
)
def test_an_interval_is_shown_as_wide_as_it_is(result: Trained, score: Interval, told: str) -> None:
    chosen = dataclasses.replace(result.figures[result.kind], score=score)
    one = dataclasses.replace(result, figures={result.kind: chosen})

    assert kind_rows(one)[0][:2] == (f"{result.kind} *", told)


def test_the_card_says_what_it_was_made_of_how_good_it_is_and_what_it_is_not_for(result: Trained) -> None:
    faulty = dataclasses.replace(HANDS, faults=(Fault("hands.csv:7", "x1 is no number"),))

    card = model_card(with_manifest(result, sha256="ab" * 32), hands=faulty, origin="Drawn by a test.", seed=7)

    manifest = result.bundle.manifest
    for told in (
        "# Model card: small 1",
        "ab" * 32,
        "Drawn by a test.",
        "`--seed 7`",
        RULE,
        f"| **{result.kind}** |",
        "| `hands.csv` | `" + "0" * 64 + "` |",
        "| `rock` | 10 |",
        "x1 is no number",
        f"{manifest.threshold:.2f}",
        "## Limits",
        "## Not for",
    ):
        assert told in card
    for name in manifest.metrics:
        assert f"| `{name}` |" in card
    for kind in TWO:
        assert kind in card


def test_every_figure_of_a_bundle_has_its_meaning_in_the_card(result: Trained) -> None:
    metrics = {**result.bundle.manifest.metrics, "check_accuracy": 0.9, "check_macro_f1": 0.9, "photos_found": 3.0}

    card = model_card(with_manifest(result, metrics=metrics), hands=HANDS, origin="", seed=0)

    assert "| `photos_found` | 3 | of them, those where a hand was found |" in card


def test_hands_of_a_source_that_was_not_stated_are_counted_all_the_same(result: Trained) -> None:
    nothing: Hands = dataclasses.replace(HANDS, files={})

    assert "| `palm` | 10 |" in model_card(result, hands=nothing, origin="", seed=0)
