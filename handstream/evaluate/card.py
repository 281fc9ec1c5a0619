"""`handstream evaluate card`: evaluations into the model card of a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console

from evaluation.card_section import CardError, card_section, with_section
from handstream.evaluate.finish import fail
from recognition.bundle import CARD_FILE, BundleError, load_bundle, write_whole
from supervision.exit_codes import ExitCode


def card(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder of the model bundle.")],
    evaluations: Annotated[
        list[Path],
        typer.Argument(metavar="EVALUATION.json...", help="From evaluate images or video, --json or --out."),
    ],
) -> None:
    """Write what was measured on pictures and films into a bundle's model card: stills, streams, non-gesture hands.

    The evaluations must be of just this model. A section that was written before is replaced.

    Exit codes: 0 written; 1 the card cannot be written; 2 wrong usage, or an evaluation of something else.

    \b
    Example:
      handstream evaluate images photos/ letters/ --unknown-as no_gesture --model models/mine --json > stills.json
      handstream evaluate video films/ --as-stills --model models/mine --json > films.json
      handstream evaluate card models/mine stills.json films.json
    """
    console = Console(stderr=True)
    try:
        model = load_bundle(bundle).model
        text = (bundle / CARD_FILE).read_text(encoding="utf-8")
    except BundleError as error:
        fail(console, str(error))
    except OSError as error:
        fail(console, f"{bundle / CARD_FILE} cannot be read: {error.strerror or error}")
    documents = [_read(path, console=console) for path in evaluations]
    named = f"{model.name} {model.version} ({model.sha256[:12]})"
    for path, document in zip(evaluations, documents, strict=True):
        try:
            card_section([document], model=named)
        except (CardError, KeyError, TypeError) as error:
            told = str(error) if isinstance(error, CardError) else "lacks figures: evaluate anew"
            fail(console, f"{path} {told}")
    try:
        write_whole(bundle / CARD_FILE, with_section(text, card_section(documents, model=named)).encode())
    except OSError as error:
        fail(console, f"{bundle / CARD_FILE} cannot be written: {error.strerror or error}", code=ExitCode.FAILED)
    console.print(f"model card: {bundle / CARD_FILE}", highlight=False, markup=False, soft_wrap=True)


def _read(path: Path, *, console: Console) -> dict[str, Any]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        fail(console, f"{path} cannot be read: {error.strerror or error}")
    except msgspec.DecodeError as error:
        fail(console, f"{path} is no JSON document of an evaluation: {error}")
