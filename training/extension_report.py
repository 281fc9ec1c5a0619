"""What an extension came to: the table in the terminal and the model card."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.table import Table

from recognition.bundle import MODEL_FILE, Manifest, write_whole
from training.extender import THRESHOLDS_RULE, Extended, ExtensionFigures
from training.model_card import MODEL_CARD_FILE

COLUMNS = ("gesture", "hands", "right", "right before", "rejected", "named wrongly")


def extension_rows(figures: ExtensionFigures) -> list[tuple[str, ...]]:
    """A row for each gesture that was recorded, in the order of COLUMNS. named wrongly: of hands without a gesture."""
    return [
        (
            one.gesture,
            f"{one.hands:,}",
            _share(one.right, one.hands),
            _share(one.right_before, one.hands),
            _share(one.rejected, one.hands),
            _share(one.misnamed, figures.nothing),
        )
        for one in figures.gestures
    ]


def summary_lines(figures: ExtensionFigures) -> list[str]:
    return [
        f"hands without a gesture named as one: {_share(figures.named, figures.nothing)} of {figures.nothing:,}, "
        f"{_share(figures.named_before, figures.nothing)} before",
        f"hands of the other gestures that are named otherwise than before: {_share(figures.changed, figures.others)} "
        f"of {figures.others:,}",
    ]


def extension_table(figures: ExtensionFigures) -> Table:
    table = Table(title="Recorded gestures, on held-out people", title_justify="left", box=box.SIMPLE_HEAD)
    for number, name in enumerate(COLUMNS):
        table.add_column(name, justify="right" if number else "left")
    for row in extension_rows(figures):
        table.add_row(*row)
    return table


def write_extension_card(folder: Path, extended: Extended, *, base: Manifest, origin: str) -> None:
    """base: the model that was extended. origin: where the hands come from and under which licence. Raises OSError."""
    write_whole(folder / MODEL_CARD_FILE, extension_card(extended, base=base, origin=origin).encode())


def extension_card(extended: Extended, *, base: Manifest, origin: str) -> str:
    manifest, figures = extended.bundle.manifest, extended.figures
    files = {name: digest for name, digest in manifest.training_data.items() if name not in base.training_data}
    new = [name for name in manifest.classes if name not in base.classes]
    old = f"{base.name} {base.version}"
    return f"""# Model card: {manifest.name} {manifest.version}

{old} (sha256 `{base.sha256}`), extended by recorded hands: {_gestures(figures)}.
New gestures: {", ".join(f"`{name}`" for name in new) or "none"}; {len(manifest.classes)} classes in all.
What the model card of {old} says of data, limits and use holds for this model too.

Model file `{MODEL_FILE}`, sha256 `{manifest.sha256}`.

## How it works

The scores of {old} have a correction added: a kernel ridge regression in the same kernel, fitted to the
recorded hands, each also shown from other random views. On hands that {old} was trained on, and on rendered
hands without a gesture, the correction is held at 0, except near recorded hands of another class.
{THRESHOLDS_RULE} All other thresholds are those of {old}.

## Data

{origin}

| file | sha256 |
|---|---|
{_rows([(f"`{name}`", f"`{digest}`") for name, digest in files.items()])}

## Figures

Recorded hands are judged by extensions that learned from none of the same person or recording. Hands without a gesture
are the recorded ones, and those of {old} and rendered ones that the judged extension was not held to.

| {" | ".join(COLUMNS)} |
|{"---|" * len(COLUMNS)}
{_rows(extension_rows(figures))}

{"".join(f"- {line}{chr(10)}" for line in summary_lines(figures))}"""


def _gestures(figures: ExtensionFigures) -> str:
    return ", ".join(f"{one.hands:,} of `{one.gesture}`" for one in figures.gestures)


def _rows(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"
