"""From what was collected to figures on the terminal and a report in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import typer
from rich.console import Console

from evaluation.document import document
from evaluation.evaluation import Evaluation
from evaluation.examples import NoPictures, Pictures
from evaluation.outcome import Outcome
from evaluation.report import ReportError, check_report, write_report
from evaluation.subject import Subject
from evaluation.tables import tables
from evaluation.wording import percent
from handstream.evaluate.options import Reporting
from supervision.exit_codes import ExitCode

# Of output that no terminal shows, as in a file or a log; rich would take 80.
_COLUMNS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What there is to evaluate. pictures: where those of the outcomes are read again. interrupted: by Ctrl-C.
    incomplete: something that was asked for could not be evaluated."""

    outcomes: Sequence[Outcome]
    subject: Subject
    pictures: Pictures
    interrupted: bool = False
    incomplete: bool = False


def check_use(reporting: Reporting, *, console: Console) -> None:
    """End the command where its report could not be written anyway."""
    if reporting.out is not None:
        try:
            check_report(reporting.out)
        except ReportError as error:
            fail(console, str(error))


def finish(collected: Collected, reporting: Reporting, *, console: Console) -> None:
    """Print the figures and write the report; ends the command with the exit code where that is not 0."""
    evaluation = Evaluation.of(collected.outcomes)
    if reporting.json:
        typer.echo(document(evaluation, collected.subject), nl=False)
    else:
        printed_to().print(tables(evaluation, collected.subject))
    if reporting.out is not None:
        pictures: Pictures = NoPictures() if reporting.no_pictures else collected.pictures
        try:
            paths = write_report(
                reporting.out,
                evaluation=evaluation,
                subject=collected.subject,
                pictures=pictures,
                worst=reporting.worst,
            )
        except ReportError as error:
            fail(console, str(error))
        console.print(f"report: {paths[0]}", highlight=False, markup=False, soft_wrap=True)
    accuracy = evaluation.accuracy.value
    if reporting.fail_under is not None and accuracy < reporting.fail_under:
        fail(
            console,
            f"{percent(accuracy)} of all pictures are right, fewer than --fail-under {reporting.fail_under:g}",
            code=ExitCode.FAILED,
        )
    if collected.interrupted or collected.incomplete:
        raise typer.Exit(ExitCode.INTERRUPTED if collected.interrupted else ExitCode.FAILED)


def printed_to() -> Console:
    """Standard output, wide enough for the tables where it is no terminal."""
    shown = Console()
    return shown if shown.is_terminal else Console(width=_COLUMNS)


def fail(console: Console, message: str, *, code: int = ExitCode.BAD_USE) -> NoReturn:
    tell(console, message, style="red")
    raise typer.Exit(code)


def tell(console: Console, message: str, *, style: str = "yellow") -> None:
    console.print(f"handstream evaluate: {message}", style=style, highlight=False, markup=False, soft_wrap=True)
