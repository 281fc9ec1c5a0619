"""`handstream train`: from labelled hands to a model bundle."""

from __future__ import annotations

import dataclasses
import functools
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, track

from evaluation.report import ReportError, check_report, obstacle_to
from events.prediction import NO_GESTURE
from recognition.assets import AssetError, ensure_landmark_model
from recognition.bundle import Bundle, BundleError, Manifest, save_bundle, write_whole
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode
from training import data_options as options
from training import extension_run
from training.candidate import Candidate
from training.data_page import save_report
from training.data_report import DataReport
from training.dataset import read_hands
from training.faults import described
from training.hands import DataError, Hands
from training.kinds import KINDS
from training.model_card import write_model_card
from training.other_hands import load_other_hands
from training.photographs import check_photographs, find_photographs
from training.report import classes_table, kinds_table
from training.samples import SampleSettings
from training.tracking import TrackedRun, Tracker
from training.trainer import Trained, train_bundle

FIRST_VERSION = "1"
PAGE = "training_report.html"


def train(
    paths: options.Paths,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the bundle.")] = Path("models/mine"),
    name: Annotated[
        str, typer.Option(help="Name of the bundle, as predictions carry it, and of the registered model.")
    ] = "gestures",
    bundle_version: Annotated[
        str | None, typer.Option(help="Version of the bundle; the registry's next one if not said.")
    ] = None,
    origin: Annotated[
        str, typer.Option(help="Where the data come from and under which licence, for the model card.")
    ] = "The origin and the licence of the data were not stated.",
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND", help=f"Try only this kind: {', '.join(KINDS)}. May be repeated."),
    ] = None,
    extend: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Keep this model, a folder or models:/NAME@ALIAS, and add what the hands show. Takes seconds.",
        ),
    ] = None,
    check: Annotated[
        list[Path] | None, typer.Option(help="File or folder to report on, never trained on. May be repeated.")
    ] = None,
    photos: Annotated[
        Path | None, typer.Option(help="Photographs to report on, each in a folder named as its gesture.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=f"Where {PAGE} and its pictures are written.")
    ] = None,
    aspect: options.Aspect = None,
    gesture: options.MoreGestures = None,
    ignore_column: options.IgnoreColumns = None,
    columns: options.Columns = None,
    skip_faulty: options.SkipFaulty = False,
    seed: Annotated[int, typer.Option(help="Of all that is random: the same seed gives the same model.", min=0)] = 0,
    tracked: Annotated[
        bool, typer.Option("--track/--no-track", help="Keep the run in MLflow and register the bundle there.")
    ] = True,
) -> None:
    """Train four kinds of model on the same hands, and write the best as a bundle with manifest and model card.

    Logistic regression, a support vector machine, a random forest and LightGBM are tuned and judged on the same folds;
    a stated rule chooses. Takes landmark tables, HaGRID annotations, recordings and photographs, alone or mixed;
    docs/data.md describes them, docs/training.md what is done with them. Takes some minutes.

    With --extend, a model that is there learns further gestures from a few recorded hands and keeps all that it knows.

    Exit code 2 where something cannot be used.

    \b
    Examples:
      handstream train landmarks.csv --out models/mine
      handstream train landmarks/ recordings/ --name mine --report report
      handstream train recordings/ --extend models/gestures --out models/mine --name mine
      handstream train landmarks/ --check others.csv --aspect 0.75 --photos photos/ --kind svm
    """
    console = Console(stderr=True)
    saved = kept = None
    try:
        user = load_settings()
        read = functools.partial(
            read_hands,
            aspect=aspect,
            more_gestures=gesture or (),
            skip_faulty=skip_faulty,
            ignore_columns=ignore_column or (),
            columns=columns,
            cache_dir=user.cache_dir,
            console=console,
        )
        kinds = _kinds(kind)
        # Before minutes go into fitting: can it be kept?
        _check_folders(out, report)
        base = None
        if extend is not None:
            unused = {"--kind": kind, "--check": check, "--photos": photos, "--report": report}
            base = extension_run.load_base(extend, not_used=unused)
        tracker = Tracker.open(data_dir=user.data_dir) if tracked else None
        hands = read(paths)
        if hands.faults:
            console.print(f"left out: {described(hands.faults)}", style="yellow", highlight=False, markup=False)
        version = bundle_version or (tracker.next_version(name) if tracker else FIRST_VERSION)
        if base is not None:
            extension_run.extend(
                base,
                hands,
                out=out,
                name=name,
                version=version,
                origin=origin,
                tracker=tracker,
                seed=seed,
                console=Console(),
            )
            return
        unseen = read(check) if check else None
        photographs = _photographs(photos, hands, console=console) if photos else []
        with _progress(console) as progress:
            trained = train_bundle(
                hands,
                others=load_other_hands(),
                unseen=unseen,
                kinds=kinds,
                name=name,
                version=version,
                settings=SampleSettings(),
                seed=seed,
                threads=os.cpu_count() or 1,
                progress=progress,
            )
        if photographs:
            trained = dataclasses.replace(
                trained, bundle=_on_photographs(trained.bundle, photographs, settings=user, console=console)
            )
        saved = save_bundle(out, classifier=trained.bundle.classifier, manifest=trained.bundle.manifest)
        trained = dataclasses.replace(trained, bundle=dataclasses.replace(trained.bundle, manifest=saved))
        write_model_card(out, trained=trained, hands=hands, origin=origin, seed=seed)
        drawn = _drawn(trained) if report is not None or tracker else {}
        if report is not None:
            _write_report(report, drawn)
        if tracker:
            kept = _keep(tracker, trained, hands, drawn, out=out, seed=seed)
    except (DataError, AssetError, BundleError, ReportError, SettingsError) as error:
        _complain(console, f"{error}{_all_the_same(saved, out)}")
        raise typer.Exit(ExitCode.BAD_USE) from None
    except OSError as error:
        where = error.filename or out
        _complain(console, f"cannot write to {where}: {error.strerror or error}{_all_the_same(saved, out)}")
        raise typer.Exit(ExitCode.BAD_USE) from None
    except KeyboardInterrupt:
        _complain(console, f"stopped{_all_the_same(saved, out) or ', nothing was written'}")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    told = Console()
    told.print(kinds_table(trained))
    told.print(classes_table(trained.figures[trained.kind]))
    told.print(f"{saved.name} {saved.version} ({trained.kind}) in {out}", highlight=False, markup=False, soft_wrap=True)
    for line in _lines(saved, kept, report):
        told.print(line, highlight=False, markup=False, soft_wrap=True)


def _kinds(names: Sequence[str] | None) -> Mapping[str, Sequence[Candidate]]:
    unknown = [name for name in names or () if name not in KINDS]
    if unknown:
        raise DataError(f"--kind {unknown[0]!r} is none of {', '.join(KINDS)}")
    return {kind: candidates for kind, candidates in KINDS.items() if not names or kind in names}


def _check_folders(out: Path, report: Path | None) -> None:
    obstacle = obstacle_to(out)
    if obstacle is not None:
        raise DataError(f"the bundle cannot be written to {out}: {obstacle} is no folder that can be written in")
    if report is not None:
        check_report(report)


def _complain(console: Console, message: str) -> None:
    console.print(f"handstream train: {message}", style="red", highlight=False, markup=False, soft_wrap=True)


def _all_the_same(saved: Manifest | None, out: Path) -> str:
    """What the user has in spite of it."""
    return f"; the bundle is in {out} all the same" if saved else ""


@contextmanager
def _progress(console: Console) -> Iterator[Callable[..., Callable[[], None]]]:
    """A bar for each step."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def begin(step: str, *, total: int) -> Callable[[], None]:
            task = bars.add_task(step, total=total)
            return lambda: bars.advance(task)

        yield begin


def _photographs(folder: Path, hands: Hands, *, console: Console) -> list[Path]:
    files, skipped = find_photographs(folder, labels=frozenset((*hands.labels.tolist(), NO_GESTURE)))
    if skipped:
        classes = ", ".join(f"{name} ({count:,})" for name, count in skipped.items())
        console.print(
            f"{folder}: skipped photographs of classes that are not in the data: {classes}",
            style="yellow",
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
    return files


def _on_photographs(bundle: Bundle, files: list[Path], *, settings: Settings, console: Console) -> Bundle:
    # Fetched here, where there is somebody to see the progress.
    ensure_landmark_model(cache_dir=settings.cache_dir, progress=console.is_terminal)
    return check_photographs(
        bundle,
        files,
        settings=settings,
        progress=lambda outcomes: track(
            outcomes, total=len(files), description="photographs", console=console, disable=not console.is_terminal
        ),
    )


def _drawn(trained: Trained) -> dict[str, bytes]:
    """The page and its pictures, by file name."""
    # Training itself needs neither matplotlib nor Jinja2, which `make training` installs.
    from training.report_page import page, pictures  # noqa: PLC0415

    drawn = pictures(trained)
    return {**drawn, PAGE: page(trained, drawn).encode()}


def _write_report(folder: Path, drawn: Mapping[str, bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in drawn.items():
        write_whole(folder / file, content)


def _keep(tracker: Tracker, trained: Trained, hands: Hands, drawn: Mapping[str, bytes], *, out: Path, seed: int) -> str:
    """Keep the run and register the bundle; how the user finds both again."""
    manifest = trained.bundle.manifest
    with tracker.run(f"{manifest.name} {manifest.version}", tags={"seed": str(seed)}) as run:
        _log(run, trained, hands, drawn, seed=seed)
        version = run.register(out, name=manifest.name)
    return f"registered as version {version} of {manifest.name}; look with: {tracker.how_to_look()}"


def _log(run: TrackedRun, trained: Trained, hands: Hands, drawn: Mapping[str, bytes], *, seed: int) -> None:
    manifest = trained.bundle.manifest
    report = DataReport.of(hands)
    run.dataset(hands.files, figures=report.figures())
    with tempfile.TemporaryDirectory() as folder:
        for path in save_report(report, Path(folder)):
            run.figure(path.name, path)
    run.params({"seed": seed, "kind": trained.kind, "threshold": manifest.threshold})
    run.params({f"threshold_{gesture}": threshold for gesture, threshold in manifest.thresholds.items()})
    run.metrics(manifest.metrics)
    for kind, one in trained.figures.items():
        run.params(one.settings, kind=kind)
        run.metrics({**manifest.candidates[kind], **one.timings()}, kind=kind)
    for file, content in drawn.items():
        run.figure(file, content)


def _lines(manifest: Manifest, kept: str | None, report: Path | None) -> Iterator[str]:
    photos = manifest.metrics.get("photos_accuracy_all")
    if photos is not None:
        yield f"photographs of gestures rightly named: {photos:.3f}"
    if kept is not None:
        yield kept
    if report is not None:
        yield f"report: {report / PAGE}"
