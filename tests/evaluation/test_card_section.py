"""What was measured, as a section of a model card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from evaluation import document as pictures
from evaluation.card_section import CardError, card_section, with_section
from evaluation.evaluation import Evaluation
from evaluation.film import document as films
from evaluation.film.figures import Rules, StreamEvaluation
from evaluation.film.segments import Segments
from evaluation.subject import Subject
from tests.evaluation.film.films import event, film, segments
from tests.evaluation.outcomes import outcome, repeated

MODEL = "twin 7 (000000000000)"
CARD = "# Model card\n\n## Figures\n\nsome\n\n## Limits\n\n- many\n"


def subject(kind: str, grouped_by: str) -> Subject:
    return Subject(kind=kind, what="what", created_at=datetime(2026, 1, 2, tzinfo=UTC), grouped_by=grouped_by)


def stills() -> dict[str, Any]:
    found = Evaluation.of(
        [
            *repeated("fist", "fist", 3),
            outcome("fist", None, group="/home/ann/photos"),
            outcome("palm", "palm", group="/home/ann/photos"),
            outcome("no_gesture", "fist", group="letters"),
            outcome("no_gesture", None, group="letters"),
        ]
    )
    read: dict[str, Any] = msgspec.json.decode(pictures.document(found, subject("images", "folder")))
    return read


def streams() -> dict[str, Any]:
    shown = segments((1, 2, "fist"))
    named = "n" * 10 + "f" * 9 + "n" + "n" * 10
    streamed = [
        film(named, shown, event("fist", 1.75, 2), name="gestures.mp4", stills=named),
        film("n" * 30 + "f" * 30, Segments(), event("fist", 4, 5), name="office.mp4", stills="n" * 60),
    ]
    found = StreamEvaluation.of(streamed, Rules(transition_seconds=0))
    read: dict[str, Any] = msgspec.json.decode(films.document(found, subject("video", "film")))
    return {**read, "models": [MODEL]}


def test_stills_streams_and_hands_without_a_gesture_by_source() -> None:
    section = card_section([stills(), streams()], model=MODEL)

    rows = [line for line in section.splitlines() if line.startswith("| `")]
    assert rows[1] == "| `photos` | 2 | 50.0% | 9.5 to 90.5% | 100.0% | 50.0% |"
    assert "| `letters` | 2 | 50.0% | 9.5 to 90.5% |" in rows
    assert "| `office.mp4, each frame` | 60 | 50.0% | 37.7 to 62.3% |" in rows
    assert any(
        row.startswith("| `gestures.mp4` | 3.0 | 90.0% of 10 | 90.0% | 1 of 1 | 1 | 0.75 s | 0.0 (0)") for row in rows
    )
    assert any(row.startswith("| `office.mp4` | 6.0 | - | - | - | - | - | 10.0 (1) |") for row in rows)
    assert "| `office.mp4` | 60 | 50.0% | 100.0% | 0 | 30 |" in rows
    assert "ann" not in section


def test_the_section_stands_before_the_limits_and_is_replaced() -> None:
    first = card_section([stills()], model=MODEL)

    once = with_section(CARD, first)
    twice = with_section(once, card_section([streams()], model=MODEL))

    assert once.index("## Figures") < once.index("## Measured") < once.index("## Limits")
    assert with_section(once, first) == once
    assert twice.count("## Measured") == 1
    assert "photos" not in twice
    assert twice.endswith("## Limits\n\n- many\n")
    assert with_section("# Card\n", first).startswith("# Card\n\n## Measured")


def test_evaluations_of_something_else_are_refused() -> None:
    with pytest.raises(CardError, match=r"is of twin 7 .* but the card is of other 1"):
        card_section([stills()], model="other 1 (111111111111)")
    with pytest.raises(CardError, match="no evaluation of images or films"):
        card_section([{"type": "handstream.evaluation.v1", "kind": "stream"}], model=MODEL)
