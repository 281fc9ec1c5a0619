"""The options that commands which read training data share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.faults import SKIP_OPTION
from training.table_columns import COLUMNS_OPTION, IGNORE_OPTION

Paths = Annotated[
    list[Path],
    typer.Argument(
        help="Tables (*.csv, *.tsv, also compressed as *.gz), HaGRID annotations (*.json), recordings (*.jsonl), "
        "photographs in folders named as their gesture, or folders of all that.",
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
    typer.Option(
        IGNORE_OPTION, metavar="NAME", help="A column of tables to ignore, or a pattern such as 'w*'. May be repeated."
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        COLUMNS_OPTION,
        metavar="NAMES",
        help="Columns of the tables, separated by commas, instead of their header: label, user_id and so on; xy or xyz "
        "for 21 points in turn; x, y or z for all points of one axis; skip for one of no use. Such as label,xyz.",
    ),
]
