"""`handstream evaluate`: how often the gestures are right."""

from __future__ import annotations

from typing import ClassVar

import typer

from handstream.lazy_group import LazyGroup


class Evaluate(LazyGroup):
    targets: ClassVar = {
        "images": "handstream.evaluate.images:images",
        "stream": "handstream.evaluate.stream:stream",
        "video": "handstream.evaluate.video:video",
        "card": "handstream.evaluate.card:card",
    }


app = typer.Typer(
    cls=Evaluate,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def evaluate() -> None:
    """How often the gestures are right, on labelled images, on films or on a labelled stream.

    Prints figures with confidence intervals; --out FOLDER writes a page with the confusion matrix and the worst misses.
    """
