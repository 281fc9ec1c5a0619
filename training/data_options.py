"""The options that commands which read training data share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.faults import SKIP_OPTION

Paths = Annotated[
    list[Path],
    typer.Argument(
        help="Tables (*.csv), HaGRID annotations (*.json), recordings (*.jsonl), photographs in folders named as their "
        "gesture, or folders of all that.",
        metavar="FILE|DIR ...",
    ),
]
Aspect = Annotated[
    float | None,
    typer.Option(help="Width / height of the images, for landmarks in 0..1 of images that do not say it.", min=0.1),
]
MoreGestures = Annotated[
    list[str] | None,
    typer.Option("--gesture", metavar="NAME", help="A gesture of yours, besides the 18. May be repeated."),
]
SkipFaulty = Annotated[
    bool, typer.Option(SKIP_OPTION, help="Leave out and count what cannot be used, instead of refusing it.")
]
IgnoreColumns = Annotated[
    list[str] | None,
    typer.Option("--ignore-column", metavar="NAME", help="A column of tables to pass over. May be repeated."),
]
