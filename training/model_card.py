"""The model card: what a bundle is good for, in words and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from recognition.bundle import Manifest
from training.faults import counted, reasons
from training.hands import Hands

MODEL_CARD_FILE = "MODEL_CARD.md"

_MEANING = {
    "cross_validation_accuracy": "hands rightly named by shape alone, in folds that part people and near duplicates",
    "cross_validation_macro_f1": "mean F1 of the gestures, in the same folds",
    "cross_validation_no_gesture_recall": "made-up hands without a gesture that were given none, in the same folds",
    "check_accuracy": "hands rightly named by shape alone, in tables that nothing was trained on",
    "check_macro_f1": "mean F1 of the gestures, in the same tables",
    "photos_gestures": "photographs of gestures, never trained on, from file to prediction",
    "photos_found": "of them, those where a hand was found",
    "photos_accuracy_found": "rightly named, of those where a hand was found",
    "photos_accuracy_all": "rightly named, of all of them",
    "photos_others": "photographs of hands without a gesture",
    "photos_misnamed": "of them, those where a gesture was seen",
}


def write_model_card(folder: Path, *, manifest: Manifest, hands: Hands, origin: str) -> None:
    """origin: where the data come from and under which licence."""
    (folder / MODEL_CARD_FILE).write_text(model_card(manifest, hands=hands, origin=origin), encoding="utf-8")


def model_card(manifest: Manifest, *, hands: Hands, origin: str) -> str:
    counts = Counter(hands.labels.tolist())
    return f"""# Model card: {manifest.name} {manifest.version}

Names the gesture of a hand from its 21 landmarks in the picture (MediaPipe's hand landmark model), as one of
{len(manifest.classes)} classes: {", ".join(f"`{name}`" for name in manifest.classes)}.

Model file `model.joblib`, sha256 `{manifest.sha256}`.

## How it works

A support vector machine with an RBF kernel (Nyström approximation), calibrated by Platt's sigmoid on held-out hands.
It sees places and distances of the points in two dimensions (features `{manifest.features}`): the wrist at the
origin, the hand's own size as the unit, every hand mirrored the same way round. Gestures that show a fixed side of the
hand are then weighted by how sure the landmark model is of the handedness. `no_gesture` was learned from made-up
hands: halfway between two gestures, with the fingers of several hands, or upside down. Besides, a gesture less
probable than {manifest.threshold:.2f} is `no_gesture`; this threshold was chosen on held-out hands.

## Data

{origin}

Every hand was also shown from another random view (turned, tilted, with noise).

| file | sha256 |
|---|---|
{_rows((f"`{name}`", f"`{digest}`") for name, digest in manifest.training_data.items())}

| gesture | hands |
|---|---|
{_rows((f"`{name}`", f"{count:,}") for name, count in sorted(counts.items()))}
{_left_out(hands)}
## Figures

| figure | value | meaning |
|---|---|---|
{_rows((f"`{name}`", figure_text(value), _MEANING[name]) for name, value in manifest.metrics.items())}

## Limits

- It is as good as the landmarks: where no hand is found, it cannot help.
  Small, blurred, gloved and half covered hands are found less often.
- `peace`, `stop` and `two_up` differ from their `_inverted` twins only in the side of the hand, told by small
  differences of shape and by the landmark model's handedness. Both are weaker than a bent finger.
- `no_gesture` is a simple rejection. A resting hand that looks like a gesture is named as that gesture.
- The data hold no information on age or skin colour, so differences between groups of people were not measured.

## Not for

Decisions about people, sign language, identification, or anything where a missed or wrong gesture can do harm, such as
the control of machines or vehicles without another safeguard.
"""


def _left_out(hands: Hands) -> str:
    if not hands.faults:
        return ""
    told = "; ".join(f"{reason}: {count:,}" for reason, count in sorted(reasons(hands.faults).items()))
    return f"\nOf the data, {counted(len(hands.faults))} and left out ({told}).\n"


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def figure_text(value: float) -> str:
    return f"{value:.4g}"
