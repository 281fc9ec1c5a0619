"""The evaluation of films for the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from evaluation.film import wording
from evaluation.film.figures import StreamEvaluation
from evaluation.subject import Subject
from evaluation.tables import details, headline_table
from evaluation.wording import model_names

REMARKS_SHOWN = 30


def tables(evaluation: StreamEvaluation, subject: Subject) -> Group:
    """First what the stream did, then the tables of all judged frames as for pictures."""
    parts: list[RenderableType] = [
        Text(f"{subject.what}, by {model_names(evaluation.frames)}"),
        headline_table(wording.headlines(evaluation)),
        _films(evaluation),
    ]
    remarks = [remark for film in evaluation.films for remark in wording.remarks(film)]
    if remarks:
        parts.append(_remarks(remarks))
    lines = Text("\n").join(Text(line) for line in wording.rules(evaluation.rules))
    parts.append(Padding(lines, (0, 0, 1, 2)))
    return Group(*parts, *details(evaluation.frames, subject))


def _films(evaluation: StreamEvaluation) -> Table:
    """A row for each figure, a column for each film."""
    table = Table(title="Films", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    cells = []
    for film in evaluation.films:
        table.add_column(Text(film.film.name), justify="right", overflow="fold")
        cells.append(wording.film_row(film.figures))
    for name, *row in zip(wording.COLUMNS, *cells, strict=True):
        table.add_row(name, *row)
    return table


def _remarks(remarks: list[wording.Remark]) -> Table:
    more = f", the first {REMARKS_SHOWN} of {len(remarks)}" if len(remarks) > REMARKS_SHOWN else ""
    table = Table(title=f"Events that are false, late or missed{more}", title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("film")
    table.add_column("at", justify="right")
    table.add_column("")
    table.add_column("gesture")
    table.add_column("")
    for one in remarks[:REMARKS_SHOWN]:
        table.add_row(Text(one.film), f"{one.at_seconds:.2f} s", one.what, Text(one.gesture), one.aside)
    return table
