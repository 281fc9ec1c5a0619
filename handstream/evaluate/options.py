"""The options that the commands of `handstream evaluate` share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

USUAL_WORST = 12

Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        "--bundle",
        help="Model bundle: a folder, models:/NAME@ALIAS or models:/NAME/VERSION. "
        "Without it HANDSTREAM_MODEL, else the shipped one.",
        metavar="FOLDER|models:/…",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="For the report: evaluation.html, evaluation.json and pictures."),
]
Worst = Annotated[int, typer.Option(min=0, max=500, metavar="N", help="Draw so many misses on the page, worst first.")]
NoPictures = Annotated[
    bool, typer.Option("--no-pictures", help="Draw the landmarks of misses alone: the page then shows nobody.")
]
FailUnder = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, metavar="0..1", help="Exit with 1 where fewer of all pictures are right."),
]
Json = Annotated[bool, typer.Option("--json", help="Print evaluation.json instead of tables.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """What becomes of the figures; see the options of the same names."""

    out: Path | None
    worst: int
    no_pictures: bool
    fail_under: float | None
    json: bool
