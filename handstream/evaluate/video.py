"""`handstream evaluate video`: films whose gestures somebody wrote down, as a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from broker.topics import BrokerError
from evaluation.examples import NoPictures
from evaluation.film.document import document
from evaluation.film.figures import Rules, StreamedFilm, StreamEvaluation
from evaluation.film.report import write_report
from evaluation.film.tables import tables
from evaluation.report import ReportError
from evaluation.subject import STREAMED, Subject
from evaluation.wording import in_short, percent
from evaluation.worst import worst as worst_of
from events.reason import RecordError
from handstream.evaluate import options
from handstream.evaluate.film_kafka import NoAnswer, stream_through_kafka
from handstream.evaluate.film_list import BadFilms, Film, find_films
from handstream.evaluate.film_local import recognise_as_stills, stream_locally
from handstream.evaluate.film_pictures import FilmPictures
from handstream.evaluate.finish import check_use, fail, printed_to
from handstream.evaluate.options import Reporting
from producers.options import check_rate
from producers.source import SourceError
from recognition.assets import AssetError
from recognition.bundle import BundleError
from recognition.bundle_sources import bundle_source
from recognition.pipeline import Recognizer
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

USUAL = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class _How:
    """See the options of the same names. recognizer: None where neither the stream nor the stills need one here."""

    settings: Settings
    recognizer: Recognizer | None
    kafka: bool
    speed: float
    idle_seconds: float
    as_stills: bool


def video(
    paths: Annotated[list[Path], typer.Argument(metavar="FILM...", help="Video files, or folders of them.")],
    *,
    segments: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE.csv|FOLDER",
            help="What the film shows and when: start,end,gesture (seconds). One for each film, or a folder with "
            "FILM.csv for each. Without it, FILM.csv beside the film. A film without one shows no gesture at all.",
        ),
    ] = None,
    fps: Annotated[
        float | None,
        typer.Option(callback=check_rate, metavar="HZ", help="At most so many frames of each second of the film."),
    ] = None,
    kafka: Annotated[
        bool, typer.Option("--kafka", help="Publish the films to the broker and evaluate what its workers answer.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0, help="With --kafka: 1 is the film's own pace, 0 as fast as the broker takes it.")
    ] = 1.0,
    idle_timeout: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="With --kafka: give up when no answer comes for so long.")
    ] = 30.0,
    as_stills: Annotated[
        bool, typer.Option("--as-stills", help="Recognise each frame by itself as well, and compare.")
    ] = False,
    transition_seconds: Annotated[
        float, typer.Option(min=0, help="Frames so near to the start or end of a segment are counted apart.")
    ] = USUAL.transition_seconds,
    late_seconds: Annotated[
        float, typer.Option(min=0, help="An event is late when it comes longer after the segment's start.")
    ] = USUAL.late_seconds,
    model: options.Model = None,
    out: options.Out = None,
    worst: options.Worst = options.USUAL_WORST,
    no_pictures: options.NoPictures = False,
    fail_under: options.FailUnder = None,
    json: options.Json = False,
) -> None:
    """Evaluate on films, as a stream: frames within and outside of gestures, events missed, late and false.

    Without --kafka the frames go through the recognition and the gesture events of a worker in this process; no broker
    is needed. With it, they are published as `handstream produce video` does it. Frames near the start and end of a
    segment are counted apart.

    Exit codes: 0 evaluated; 1 fewer of the judged frames are right than --fail-under, a film that cannot be read, no
    broker, or no answer from a worker; 2 wrong usage; 130 Ctrl-C.

    \b
    Examples:
      handstream evaluate video film.mp4 --segments film.csv --out report
      handstream evaluate video films/ --as-stills --json > figures.json
      handstream evaluate video office.mp4 --fps 10     # no segments: false events a minute
      handstream evaluate video film.mp4 --kafka
    """
    console = Console(stderr=True)
    reporting = Reporting(out=out, worst=worst, no_pictures=no_pictures, fail_under=fail_under, json=json)
    if kafka and model is not None:
        fail(console, "--model and --kafka exclude each other: the workers have their own model, see HANDSTREAM_MODEL")
    rules = Rules(transition_seconds=transition_seconds, late_seconds=late_seconds)
    try:
        settings = load_settings()
        films = find_films(paths, segments=segments or (), rate_hz=fps)
        check_use(reporting, console=console)
        recognizer = _recognizer(model, settings) if as_stills or not kafka else None
    except (AssetError, BadFilms, BundleError, SettingsError) as error:
        fail(console, str(error))
    how = _How(
        settings=settings,
        recognizer=recognizer,
        kafka=kafka,
        speed=speed,
        idle_seconds=idle_timeout,
        as_stills=as_stills,
    )
    try:
        streamed = _stream(films, how, console=console)
        _finish(streamed, films, rules, how, reporting, console=console)
    except (BrokerError, NoAnswer, RecordError, SourceError) as error:
        fail(console, str(error), code=ExitCode.FAILED)
    except KeyboardInterrupt:
        fail(console, "stopped, nothing was evaluated", code=ExitCode.INTERRUPTED)
    finally:
        if recognizer is not None:
            recognizer.close()


def _recognizer(model: str | None, settings: Settings) -> Recognizer:
    source = bundle_source(model or settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
    return Recognizer.create(bundle=source.load(), settings=settings)


def _stream(films: Sequence[Film], how: _How, *, console: Console) -> list[StreamedFilm]:
    streamed = []
    with _progress(console) as progress:
        for film in films:
            task = progress.add_task(film.name, total=film.open().total)
            one = _stream_one(film, how, progress=progress, task=task)
            if how.as_stills:
                assert how.recognizer is not None
                again = progress.add_task(f"{film.name} as stills", total=len(one.frames))
                advance = partial(progress.advance, again)
                one = replace(one, stills=recognise_as_stills(film, recognizer=how.recognizer, on_frame=advance))
            streamed.append(one)
    return streamed


def _stream_one(film: Film, how: _How, *, progress: Progress, task: TaskID) -> StreamedFilm:
    if how.kafka:
        return stream_through_kafka(
            film,
            settings=how.settings,
            speed=how.speed,
            idle_seconds=how.idle_seconds,
            on_frame=lambda count: progress.update(task, completed=count),
        )
    assert how.recognizer is not None
    return stream_locally(
        film, recognizer=how.recognizer, settings=how.settings, on_frame=partial(progress.advance, task)
    )


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield progress


def _finish(
    streamed: Sequence[StreamedFilm],
    films: Sequence[Film],
    rules: Rules,
    how: _How,
    reporting: Reporting,
    *,
    console: Console,
) -> None:
    """Print the figures and write the report; ends the command with the exit code where that is not 0."""
    try:
        evaluation = StreamEvaluation.of(streamed, rules)
    except ValueError as error:
        fail(console, str(error))
    subject = _subject(streamed, films, how)
    if reporting.json:
        typer.echo(document(evaluation, subject), nl=False)
    else:
        printed_to().print(tables(evaluation, subject))
    if reporting.out is not None:
        drawn = worst_of(evaluation.frames.misses, count=reporting.worst)
        try:
            written = write_report(
                reporting.out,
                evaluation=evaluation,
                subject=subject,
                pictures=NoPictures() if reporting.no_pictures else FilmPictures(films, outcomes=drawn),
                worst=reporting.worst,
            )
        except ReportError as error:
            fail(console, str(error))
        console.print(f"report: {written[0]}", highlight=False, markup=False, soft_wrap=True)
    accuracy = evaluation.frames.accuracy.value
    if reporting.fail_under is not None and accuracy < reporting.fail_under:
        fail(
            console,
            f"{percent(accuracy)} of the judged frames are right, fewer than --fail-under {reporting.fail_under:g}",
            code=ExitCode.FAILED,
        )


def _subject(streamed: Sequence[StreamedFilm], films: Sequence[Film], how: _How) -> Subject:
    frames, seconds = sum(len(one.frames) for one in streamed), sum(one.duration_seconds for one in streamed)
    lost = sum(one.lost_frames for one in streamed)
    names = in_short([film.name for film in films])
    thinned = f" at {films[0].rate_hz:g} frames a second" if films[0].rate_hz is not None else ""
    way = "through Kafka" if how.kafka else "without Kafka"
    plain = [film.name for film in films if film.segments_file is None]
    return Subject(
        kind="video",
        what=f"{frames:,} frames ({seconds:.1f} s) of {names}{thinned}, {way}",
        created_at=datetime.now(UTC),
        grouped_by="film",
        passed_over={"frames without a prediction (see `handstream dlq list`)": lost},
        remarks=(
            STREAMED,
            *((f"No segments are given for {in_short(plain)}: taken to show no gesture.",) if plain else ()),
        ),
    )
