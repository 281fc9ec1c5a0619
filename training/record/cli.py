"""`handstream record`: a gesture of yours, as training data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from broker.consuming import TopicMissing
from broker.received import prediction_reader
from broker.topic_reader import Edge, parse_start, topic_reader
from broker.topics import BrokerError
from events.prediction import NO_GESTURE
from events.topics import TopicNames
from producers.picture import JpegEncoder
from producers.source import Source, SourceError
from producers.video import VideoFile
from producers.webcam import webcam
from recognition.assets import SHA256 as LANDMARK_MODEL
from recognition.assets import AssetError, ensure_landmark_model
from recognition.engine.loading import load_engine
from recognition.gestures import GESTURES, NAME_RULE, is_name
from settings import SettingsError, load_settings
from supervision.exit_codes import ExitCode
from training.record.collector import HandCollector
from training.record.session import Recorded, run_session
from training.record.sighting import PredictionSightings, Sighting, sightings
from training.recordings import PERSON_PATTERN, RecordingHeader

USUAL_COUNT = 200
USUAL_RATE_HZ = 10.0
_CANNOT_BEGIN = (SettingsError, AssetError, TopicMissing)
# Almost no loss, for pictures that are encoded and decoded within this process.
_ENCODER = JpegEncoder(quality=95, max_side_pixels=1280)


class From(StrEnum):
    """Where the hands come from."""

    WEBCAM = "webcam"
    VIDEO = "video"
    PREDICTIONS = "predictions"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the recording is to be; see the options of the same names."""

    gesture: str
    person: str
    out: Path
    count: int | None
    seconds: float | None
    fps: float


def _check_gesture(name: str) -> str:
    if not is_name(name):
        raise typer.BadParameter(f"{name!r} is not a valid gesture name: {NAME_RULE}")
    return name


def _check_person(name: str) -> str:
    if not re.match(PERSON_PATTERN, name):
        raise typer.BadParameter(f"{name!r} must be at most 40 letters, digits, '.', '_' and '-'")
    return name


def record(
    source: Annotated[From, typer.Argument(help="A camera of this machine, a film, or the stream's predictions.")],
    what: Annotated[
        str | None,
        typer.Argument(metavar="FILE|DEVICE", help="The film; or the camera's number or path, 0 by default."),
    ] = None,
    *,
    gesture: Annotated[str, typer.Option(callback=_check_gesture, metavar="NAME", help="The gesture that is shown.")],
    person: Annotated[
        str,
        typer.Option(callback=_check_person, metavar="NAME", help="Who shows it; any word that tells people apart."),
    ] = "",
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the recording is written.")] = Path("recordings"),
    count: Annotated[
        int | None, typer.Option("--count", "-n", min=1, help=f"Stop after this many hands; {USUAL_COUNT} by default.")
    ] = None,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="Stop after this many seconds.")] = None,
    fps: Annotated[
        float, typer.Option(min=0.1, max=1000, metavar="HZ", help="Maximum number of images per second that are used.")
    ] = USUAL_RATE_HZ,
    countdown: Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Before a webcam's first hand.")] = 3.0,
    camera: Annotated[str | None, typer.Option(help="Of the predictions: only this camera.")] = None,
    start: Annotated[
        str | None,
        typer.Option("--from", metavar="earliest|latest|TIME", help="Of the predictions: where to begin, as for tail."),
    ] = None,
) -> None:
    """Record hands that make one gesture, as training data: landmarks only, no pictures are kept.

    Move the hand a little while recording: nearer, to the sides, turned. A film is taken to its end where neither
    --count nor --seconds ends it sooner. Ctrl-C ends a recording and keeps what was collected.

    Exit codes: 0 recorded; 1 no hand was seen, the broker or the camera failed; 2 wrong usage; 130 Ctrl-C.

    \b
    Examples:
      handstream record --gesture wave --person ann webcam
      handstream record --gesture wave --count 100 video film.mp4
      handstream record --gesture no_gesture --seconds 30 predictions --camera door
    """
    console = Console(stderr=True)
    _check_use(source, what, camera=camera, start=start)
    if gesture not in (*GESTURES, NO_GESTURE):
        console.print(f"{gesture!r} is a new gesture, not one of the 18 built-in ones", style="yellow", highlight=False)
    if count is None and seconds is None and source is not From.VIDEO:
        count = USUAL_COUNT
    wanted = _Wanted(gesture=gesture, person=person, out=out, count=count, seconds=seconds, fps=fps)
    try:
        match source:
            case From.WEBCAM:
                recorded = _from_webcam(what or "0", wanted, countdown=countdown, console=console)
            case From.VIDEO:
                recorded = _from_video(Path(what or ""), wanted, console=console)
            case From.PREDICTIONS:
                recorded = _from_predictions(wanted, camera=camera, start=start, console=console)
    except _CANNOT_BEGIN as error:
        _fail(console, str(error))
    except (SourceError, BrokerError) as error:
        _fail(console, str(error), code=ExitCode.FAILED)
    except OSError as error:
        _fail(console, f"cannot write to {out}: {error.strerror or error}", code=ExitCode.FAILED)
    except KeyboardInterrupt:
        _fail(console, "stopped before the first picture, nothing was written", code=ExitCode.INTERRUPTED)
    if recorded.path is not None:
        typer.echo(recorded.path)
    if recorded.interrupted or recorded.path is None:
        raise typer.Exit(ExitCode.INTERRUPTED if recorded.interrupted else ExitCode.FAILED)


def _check_use(source: From, what: str | None, *, camera: str | None, start: str | None) -> None:
    if source is not From.PREDICTIONS and (camera is not None or start is not None):
        raise typer.BadParameter(f"--camera and --from are for predictions, not for {source.value}")
    if source is From.PREDICTIONS and what is not None:
        raise typer.BadParameter(f"predictions take no {what!r}; --camera names the camera")
    if source is From.VIDEO and what is None:
        raise typer.BadParameter("which film? handstream record --gesture NAME video FILE")


def _from_webcam(device: str, wanted: _Wanted, *, countdown: float, console: Console) -> Recorded:
    with _watched(webcam(device, encoder=_ENCODER)) as pictures:
        return _session(
            pictures,
            wanted,
            name=lambda: f"webcam:{Path(device).name}",
            landmark_model=LANDMARK_MODEL,
            console=console,
            countdown=countdown,
        )


def _from_video(path: Path, wanted: _Wanted, *, console: Console) -> Recorded:
    try:
        film = VideoFile(path, encoder=_ENCODER)
    except SourceError as error:
        raise typer.BadParameter(str(error)) from error
    with _watched(film) as pictures:
        return _session(pictures, wanted, name=lambda: path.name, landmark_model=LANDMARK_MODEL, console=console)


def _from_predictions(wanted: _Wanted, *, camera: str | None, start: str | None, console: Console) -> Recorded:
    try:
        where = parse_start(start or Edge.LATEST.value, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    settings = load_settings()
    with topic_reader(settings, TopicNames(settings.topic_prefix).predictions) as reader:
        reader.seek(where)
        seen = PredictionSightings(
            prediction_reader(reader), camera=camera, tell=lambda line: console.print(line, markup=False)
        )
        recorded = _session(
            seen, wanted, name=lambda: f"predictions:{seen.camera}", landmark_model=None, console=console
        )
    if seen.unsized:
        console.print(
            f"{seen.unsized:,} predictions do not give the size of their image and were skipped: "
            "restart the workers with this version",
            style="yellow",
            highlight=False,
        )
    return recorded


@contextmanager
def _watched(source: Source) -> Iterator[Iterator[Sighting]]:
    """The sightings of a source, with the engine and the device freed in the end."""
    settings = load_settings()
    landmark_model = ensure_landmark_model(cache_dir=settings.cache_dir, progress=True)
    engine = load_engine(landmark_model=landmark_model, settings=settings)
    pictures = sightings(source, engine.tracker())
    try:
        yield pictures
    finally:
        source.close()
        engine.close()


def _session(
    pictures: Iterable[Sighting | None],
    wanted: _Wanted,
    *,
    name: Callable[[], str],
    landmark_model: str | None,
    console: Console,
    countdown: float = 0.0,
) -> Recorded:
    collector = HandCollector(
        gesture=wanted.gesture,
        count=wanted.count,
        seconds=wanted.seconds,
        rate_hz=wanted.fps,
        skip_seconds=countdown,
    )
    recorded = run_session(
        pictures,
        collector=collector,
        header=lambda: RecordingHeader(
            gesture=wanted.gesture,
            person=wanted.person,
            source=name(),
            created_at=datetime.now(UTC),
            landmark_model=landmark_model,
        ),
        out=wanted.out,
        console=console,
        count=wanted.count,
        patience_seconds=wanted.seconds,
    )
    hands = len(collector.hands)
    summary = f"{hands:,} hands of {wanted.gesture} in {collector.pictures:,} pictures"
    if collector.without_hand:
        summary += f"; no hand was seen in {collector.without_hand:,}"
    if recorded.path is None:
        summary += "; nothing was written"
    if recorded.path is None and collector.pictures:
        summary += ". The whole hand must be in the picture, in good light"
    console.print(summary, style="" if hands else "red", highlight=False, markup=False, soft_wrap=True)
    return recorded


def _fail(console: Console, message: str, *, code: int = ExitCode.BAD_USE) -> NoReturn:
    console.print(f"handstream record: {message}", style="red", highlight=False, markup=False, soft_wrap=True)
    raise typer.Exit(code)
