"""The model card: what a bundle is good for, in words and figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from events.prediction import NO_GESTURE
from recognition.bundle import MODEL_FILE, Manifest, write_whole
from training.faults import counted, reasons
from training.hands import Hands
from training.report import confusion_rows, view_rows
from training.samples import SampleSettings
from training.selection import RULE
from training.thresholds import RULE as THRESHOLDS_RULE
from training.trainer import Trained

MODEL_CARD_FILE = "MODEL_CARD.md"

_HOW = {
    "logistic_regression": "Multinomial logistic regression",
    "svm": "A support vector machine with an RBF kernel (Nyström approximation)",
    "random_forest": "A random forest",
    "lightgbm": "Gradient boosted trees (LightGBM)",
}
_MEANING = {
    "cross_validation_accuracy": "hands rightly named, in folds that part sources, people and near duplicates",
    "cross_validation_macro_f1": "mean F1 of the gestures, in the same folds",
    "calibration_error": "expected calibration error of the probabilities, in the same folds",
    "calibration_error_accepted": "the same, of the hands that are named as a gesture",
    "gesture_recall": "hands with a gesture that are taken for one, in the same folds",
    "false_positive_rate": "hands without a gesture that are taken for one, in the same folds",
    "false_positive_rate_at_95_recall": "the same with the threshold at which 95 % of the hands with a gesture are",
    "false_positive_rate_real": "of these, real hands that clearly make no gesture",
    "false_positive_rate_near": "apart from these, real hands without a gesture that could fairly be called one",
    "left_out_false_positive_rate": "hands of gestures that the model was not shown, taken for those that it was",
    "left_out_false_positive_rate_at_95_recall": "the same with the threshold for 95 % recall",
    "check_accuracy": "hands rightly named, in tables that nothing was trained on",
    "check_macro_f1": "mean F1 of the gestures, in the same tables",
    "photos_gestures": "photographs of gestures, never trained on, from file to prediction",
    "photos_found": "of them, those where a hand was found",
    "photos_accuracy_found": "rightly named, of those where a hand was found",
    "photos_accuracy_all": "rightly named, of all of them",
    "photos_others": "photographs of hands without a gesture",
    "photos_misnamed": "of them, those where a gesture was seen",
}
# Of the most frequent ones.
_CONFUSIONS = 12
_KIND_FIGURES = ("score", "evaluation_accuracy", "macro_f1", "training_accuracy", "calibration_error",
                 "false_positive_rate_at_95_recall_all")  # fmt: skip


def write_model_card(folder: Path, *, trained: Trained, hands: Hands, origin: str, seed: int) -> None:
    """origin: where the data come from and under which licence. Raises OSError."""
    write_whole(folder / MODEL_CARD_FILE, model_card(trained, hands=hands, origin=origin, seed=seed).encode())


def model_card(trained: Trained, *, hands: Hands, origin: str, seed: int) -> str:
    manifest = trained.bundle.manifest
    counts = Counter(hands.labels.tolist())
    settings = trained.figures[trained.kind].settings
    return f"""# Model card: {manifest.name} {manifest.version}

Names the gesture of a hand from its 21 landmarks in the picture (MediaPipe's hand landmark model), as one of
{len(manifest.classes)} classes: {", ".join(f"`{name}`" for name in manifest.classes)}.

Model file `{MODEL_FILE}`, sha256 `{manifest.sha256}`.

## How it works

{_HOW[trained.kind]} ({", ".join(f"{name} {value:g}" for name, value in settings.items())}), with probabilities that
were calibrated on held-out hands. It sees places and distances of the points in two dimensions (features
`{manifest.features}`): the wrist at the origin, the hand's own size as the unit, every hand mirrored the same way
round. Gestures that show a fixed side of the hand are then weighted by how likely that side is: by the landmark model's
handedness, and by whether its world landmarks put the thumb in front of the palm or behind it.

`no_gesture` was learned from {_nothing(hands)}. Besides, what is less probable than {_thresholds(manifest)} is
`no_gesture`. {THRESHOLDS_RULE} Each fold was judged with the thresholds that were chosen on the others.

The same data, program and libraries with `--seed {seed}` give the same model file, bit for bit.

## Data

{origin}

Every hand was also shown from other random views (turned, tilted, with noise), hands of smaller sources from more of
them. {_sources(hands)}

| file | sha256 |
|---|---|
{_rows((f"`{name}`", f"`{digest}`") for name, digest in manifest.training_data.items())}

| gesture | hands |
|---|---|
{_rows((f"`{name}`", f"{count:,}") for name, count in sorted(counts.items()))}
{_left_out(hands)}
## The kinds that were tried

{RULE}

| kind | {" | ".join(name.removesuffix("_all").replace("_", " ") for name in _KIND_FIGURES)} | size, kB |
|---|{"---|" * (len(_KIND_FIGURES) + 1)}
{_rows(_kind_row(kind, one, chosen=kind == trained.kind) for kind, one in manifest.candidates.items())}

All on held-out hands, as means over the folds; the report of the run shows their intervals, and each class.

## Figures

| figure | value | meaning |
|---|---|---|
{_rows((f"`{name}`", figure_text(value), _MEANING[name]) for name, value in manifest.metrics.items())}

### By gesture and viewpoint

Real held-out hands; rejected: taken for `no_gesture`. The side is that which handedness and world landmarks say, where
the data have them; edge on: the palm plane is seen at less than 30 degrees.

| gesture | seen from | hands | right | rejected |
|---|---|---|---|---|
{_rows(view_rows(trained))}

### Most frequent confusions

| hand | named | hands |
|---|---|---|
{_rows(confusion_rows(trained)[:_CONFUSIONS])}

## Limits

- It is as good as the landmarks: where no hand is found, it cannot help.
  Small, blurred, gloved and half covered hands are found less often.
- `peace`, `stop` and `two_up` differ from their `_inverted` twins only in the side of the hand. In a few hands of a
  hundred the landmark model itself takes a palm for a back.
- A hand at rest, or on its way, that looks like a gesture is named as that gesture, and so are many gestures that the
  model was never shown: see `left_out_false_positive_rate` where it is given.
- The data hold no information on age or skin colour, so differences between groups of people were not measured.

## Not for

Decisions about people, sign language, identification, or anything where a missed or wrong gesture can do harm, such as
the control of machines or vehicles without another safeguard.
"""


def _nothing(hands: Hands) -> str:
    nothing = hands.labels == NO_GESTURE
    near = int((nothing & (hands.near != "")).sum())
    clear = int(nothing.sum()) - near
    parts = []
    if clear:
        parts.append(f"{clear:,} real hands that clearly make none")
    if near:
        parts.append(f"{near:,} that could fairly be called one (these count for less)")
    if SampleSettings().learning_from(hands).made_up:
        parts.append("made-up hands (halfway between two gestures, with the fingers of several hands, or upside down)")
    parts.append("rendered hands (at rest, on their way, hanging, or with other fingers out)")
    return ", and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _sources(hands: Hands) -> str:
    count = len({*hands.sources.tolist()})
    return f"They come from {count} sources, and whole sources were held out where the data name them." if count else ""


def _thresholds(manifest: Manifest) -> str:
    own = ", ".join(f"`{name}` {value:.2f}" for name, value in sorted(manifest.thresholds.items()))
    return f"{manifest.threshold:.2f}" + (f" (of gestures with a threshold of their own: {own})" if own else "")


def _kind_row(kind: str, figures: Mapping[str, float], *, chosen: bool) -> tuple[str, ...]:
    values = [f"{figures[name]:.3f}" if name in figures else "-" for name in _KIND_FIGURES]
    return (f"**{kind}**" if chosen else kind, *values, f"{figures['size_bytes'] / 1000:,.0f}")


def _left_out(hands: Hands) -> str:
    if not hands.faults:
        return ""
    told = "; ".join(f"{reason}: {count:,}" for reason, count in sorted(reasons(hands.faults).items()))
    return f"\nOf the data, {counted(len(hands.faults))} and left out ({told}).\n"


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def figure_text(value: float) -> str:
    return f"{value:.4g}"
