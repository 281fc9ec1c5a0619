"""`handstream evaluate images`: folders of labelled pictures, without a broker."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from evaluation.outcome import Outcome
from evaluation.subject import INDEPENDENT, Subject
from evaluation.wording import in_short
from events.prediction import NO_GESTURE
from events.reason import RecordError
from handstream.evaluate import options
from handstream.evaluate.finish import Collected, check_use, fail, finish, tell
from handstream.evaluate.folder_labels import BadLabel, FolderLabels
from handstream.evaluate.options import Reporting
from imaging.files import PathError, find_images, path_text, skipped_sentence
from recognition.assets import AssetError
from recognition.bundle import BundleError
from recognition.bundle_sources import bundle_source
from recognition.in_order import in_order
from recognition.pipeline import Recognizer
from recognition.stills import predict_file
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class _Labelled:
    """folder: the one given on the command line."""

    path: Path
    label: str
    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unreadable:
    path: Path
    error: str


class FilePictures:
    """Pictures, as evaluation asks for them, of outcomes whose place is a file."""

    def read(self, outcome: Outcome) -> bytes | None:
        try:
            return Path(outcome.place).read_bytes()
        except OSError:
            return None


def images(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR...", help="Folders of images, each in a folder named as its gesture, or as several: palm+stop."
        ),
    ],
    *,
    model: options.Model = None,
    workers: Annotated[int, typer.Option(help="Images at once; 0 for one a core.", min=0)] = 0,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Skip folders that name no class of the model.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER=GESTURE",
            help="Images of FOLDER are right also when GESTURE, or one of several (palm+stop), is predicted; only then "
            "where FOLDER names no class. Can be repeated.",
        ),
    ] = None,
    unknown_as: Annotated[
        str | None,
        typer.Option(metavar="GESTURE", help="The label of folders that name no class, such as no_gesture."),
    ] = None,
    out: options.Out = None,
    worst: options.Worst = options.USUAL_WORST,
    no_pictures: options.NoPictures = False,
    fail_under: options.FailUnder = None,
    json: options.Json = False,
) -> None:
    """Evaluate on labelled images, through the whole path: image file in, prediction out. Needs no broker.

    Images are found as `handstream predict` finds them. In a folder palm+stop either is right. With several DIR the
    figures are also given for each. Ctrl-C evaluates what was predicted so far.

    Exit codes: 0 evaluated; 1 an image could not be read, or fewer are right than --fail-under; 2 wrong usage, or
    nothing to evaluate; 130 Ctrl-C.

    \b
    Examples:
      handstream evaluate images photos/ --out report
      handstream evaluate images photos/ --model models/mine --fail-under 0.9 --json > figures.json
      handstream evaluate images photos/ --accept palm=stop
      handstream evaluate images photos/ letters/ --unknown-as no_gesture
    """
    console = Console(stderr=True)
    reporting = Reporting(out=out, worst=worst, no_pictures=no_pictures, fail_under=fail_under, json=json)
    try:
        settings = load_settings()
        source = bundle_source(model or settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
        bundle = source.load()
        classes = frozenset((*bundle.manifest.classes, NO_GESTURE))
        labels = FolderLabels.of(accept or (), unknown_as=unknown_as, skip_unknown=skip_unknown, classes=classes)
        labelled, passed_over = _find(paths, labels=labels, console=console)
        check_use(reporting, console=console)
        recognizer = Recognizer.create(bundle=bundle, settings=settings)
    except (AssetError, BundleError, BadLabel, SettingsError) as error:
        fail(console, str(error))
    collected = _collect(recognizer, labelled, workers=workers or os.cpu_count() or 1, console=console)
    subject = Subject(
        kind="images",
        what=f"{len(collected.outcomes):,} images of {in_short([str(path) for path in paths])}",
        created_at=datetime.now(UTC),
        grouped_by="folder",
        passed_over={**passed_over, **collected.passed_over},
        remarks=(INDEPENDENT, *collected.remarks),
    )
    if not collected.outcomes:
        code = ExitCode.INTERRUPTED if collected.interrupted else ExitCode.FAILED
        fail(console, "no image was predicted, so there is nothing to evaluate", code=code)
    try:
        finish(
            Collected(
                outcomes=collected.outcomes,
                subject=subject,
                pictures=FilePictures(),
                interrupted=collected.interrupted,
                incomplete=collected.unreadable > 0,
            ),
            reporting,
            console=console,
        )
    except KeyboardInterrupt:
        fail(console, "stopped, no report was written", code=ExitCode.INTERRUPTED)


def _find(paths: Sequence[Path], *, labels: FolderLabels, console: Console) -> tuple[list[_Labelled], dict[str, int]]:
    """The images to predict, each once, and how many are skipped, by reason."""
    try:
        found = {given: find_images([given]) for given in paths}
    except PathError as error:
        fail(console, str(error))
    skipped = sum((Counter(one.skipped) for one in found.values()), Counter())
    if skipped:
        tell(console, skipped_sentence(skipped))
    files = {file.resolve(): (file, path_text(given)) for given in reversed(paths) for file in found[given].files}
    known: list[_Labelled] = []
    unknown: Counter[str] = Counter()
    # The same order as one search of all paths would give.
    for resolved in dict.fromkeys(file.resolve() for given in paths for file in found[given].files):
        path, folder = files[resolved]
        label = labels.label(path_text(resolved.parent.name))
        if label is None:
            unknown[path_text(path.parent)] += 1
        else:
            known.append(_Labelled(path=path, label=label, folder=folder))
    if unknown and not (labels.skip_unknown and known):
        folders = in_short([f"{folder} ({count:,} images)" for folder, count in sorted(unknown.items())])
        way_out = "" if labels.skip_unknown else ", --skip-unknown skips them, --unknown-as GESTURE labels them"
        fail(
            console,
            f"the names of these folders are no classes of the model: {folders}. It knows "
            f"{', '.join(sorted(labels.classes))}. --model names another{way_out}",
        )
    return known, {
        "images in folders of no class": sum(unknown.values()),
        "files that are no images": sum(skipped.values()),
    }


@dataclass(slots=True)
class _Predicted:
    outcomes: list[Outcome]
    unreadable: int = 0
    copies: int = 0
    remaining: int = 0
    at_once: int = 1
    interrupted: bool = False

    @property
    def passed_over(self) -> dict[str, int]:
        return {
            "images that could not be read": self.unreadable,
            "copies of an image in the same class": self.copies,
            "images after Ctrl-C": self.remaining,
        }

    @property
    def remarks(self) -> tuple[str, ...]:
        if self.at_once == 1:
            return ()
        return (f"Times are of {self.at_once} images at once on {os.cpu_count()} cores; one alone takes less.",)


def _collect(recognizer: Recognizer, labelled: Sequence[_Labelled], *, workers: int, console: Console) -> _Predicted:
    found = _Predicted(outcomes=[], at_once=workers)
    seen: set[tuple[str, str]] = set()
    done = 0
    results = in_order(lambda numbered: _predict(recognizer, *numbered), enumerate(labelled), workers=workers)
    try:
        bar = track(
            results, total=len(labelled), description="evaluate", console=console, disable=not console.is_terminal
        )
        for result in bar:
            done += 1
            if isinstance(result, _Unreadable):
                found.unreadable += 1
                tell(console, f"skipped {path_text(result.path)}: {result.error}")
            elif (result.id, result.label) in seen:
                found.copies += 1
            else:
                seen.add((result.id, result.label))
                found.outcomes.append(result)
    except KeyboardInterrupt:
        found.interrupted = True
        found.remaining = len(labelled) - done
    finally:
        # The threads must have let go of the landmarkers before these are closed.
        results.close()
        recognizer.close()
    return found


def _predict(recognizer: Recognizer, sequence: int, labelled: _Labelled) -> Outcome | _Unreadable:
    try:
        prediction = predict_file(recognizer, labelled.path, sequence=sequence, label=labelled.label)
    except RecordError as error:
        return _Unreadable(path=labelled.path, error=str(error))
    except OSError as error:
        return _Unreadable(path=labelled.path, error=error.strerror or str(error))
    return Outcome.of(prediction, place=path_text(labelled.path), group=labelled.folder)
