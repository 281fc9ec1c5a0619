"""`handstream tail`: follow the predictions, or the gestures."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from broker.consuming import TopicMissing
from broker.follower import Follower, Idle, Output, Stop
from broker.received import (
    BatchReader,
    OutcomeFilter,
    ReceivedGesture,
    ReceivedPrediction,
    gesture_reader,
    prediction_reader,
)
from broker.topic_reader import Edge, Start, parse_start, topic_reader
from broker.topics import BrokerError
from broker.until_end import UntilEnd
from events.prediction import NO_GESTURE, Status
from events.topics import TopicNames
from handstream.tail.formats import Csv, JsonLines, Lines
from handstream.tail.gestures import GestureCsv, GestureTable
from handstream.tail.pipe import PipeConsole
from handstream.tail.table import TableOutput
from monitoring.lag import FirstBacklog, LagReader
from recognition.gestures import GESTURES, unknown_gesture
from settings import Settings, SettingsError, load_settings
from supervision.exit_codes import ExitCode

R = TypeVar("R")


class Topic(StrEnum):
    PREDICTIONS = "predictions"
    GESTURES = "gestures"


class Format(StrEnum):
    TABLE = "table"
    JSONL = "jsonl"
    CSV = "csv"


def _start(text: str) -> Start:
    try:
        return parse_start(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def tail(
    *,
    topic: Annotated[
        Topic, typer.Option(help="One prediction for every frame, or gestures that start and end.")
    ] = Topic.PREDICTIONS,
    form: Annotated[
        Format | None,
        typer.Option("--format", "-f", help="By default a live table on a terminal, JSON lines elsewhere."),
    ] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera. Can be repeated.")] = None,
    gesture: Annotated[list[str] | None, typer.Option(help="Only this gesture. Can be repeated.")] = None,
    status: Annotated[
        list[Status] | None, typer.Option(help="Only predictions with this status. Can be repeated.")
    ] = None,
    start: Annotated[
        str,
        typer.Option("--from", metavar="earliest|latest|TIME", help="TIME: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h."),
    ] = Edge.LATEST.value,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Stop when all finite streams have ended and all outcomes are read.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="Stop after N records.")
    ] = None,
    idle_timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            metavar="SECONDS",
            help="Give up when nothing that was asked for comes for this long, whatever other cameras send.",
        ),
    ] = None,
) -> None:
    """Follow the predictions, or the gestures, as they come.

    Any number can run at once: tail joins no consumer group and commits nothing.

    Exit codes: 0 done, or the reader of the pipe has left; 1 no broker, or --idle-timeout passed; 2 wrong usage, or no
    such topic; 130 stopped by Ctrl-C or SIGTERM before the end that --until-end or --limit asked for. Without those it
    ends so, with 0.

    Examples:

        handstream tail

        handstream tail --from earliest --until-end --format csv > predictions.csv

        handstream tail --camera door --gesture peace | jq .hands[0].confidence

        handstream tail --topic gestures --camera door
    """
    if status and topic is Topic.GESTURES:
        raise typer.BadParameter("only predictions have a status", param_hint="--status")
    wanted = OutcomeFilter(
        cameras=frozenset(camera or ()), gestures=frozenset(gesture or ()), statuses=frozenset(status or ())
    )
    where = _start(start)
    try:
        settings = load_settings()
        _check_gestures(wanted.gestures, settings, topic=topic)
        names = TopicNames(settings.topic_prefix)
        read_topic = names.gestures if topic is Topic.GESTURES else names.predictions
        with topic_reader(settings, read_topic) as reader, ExitStack() as stack:
            reader.seek(where)
            end = None
            if until_end:
                backlog = None
                if where is not Edge.LATEST:
                    lag = LagReader(settings, group=settings.consumer_group, topic=names.frames)
                    backlog = FirstBacklog(stack.enter_context(lag))
                end = UntilEnd(log=reader, unprocessed=backlog, clock=time.monotonic)
            stop = Stop(limit=limit, idle_seconds=idle_timeout, until_end=end)
            if topic is Topic.GESTURES:
                _follow(gesture_reader(reader), _gesture_output(form), wanted=wanted.matches, stop=stop)
            else:
                output = stack.enter_context(_output(form, topic=read_topic))
                _follow(prediction_reader(reader), output, wanted=wanted.matches, stop=stop)
    except (SettingsError, TopicMissing) as error:
        _tell(str(error))
        raise typer.Exit(ExitCode.BAD_USE) from error
    except (BrokerError, Idle) as error:
        _tell(str(error))
        raise typer.Exit(ExitCode.FAILED) from error
    except KeyboardInterrupt:
        raise typer.Exit(ExitCode.INTERRUPTED if until_end or limit else 0) from None
    except BrokenPipeError:
        # What Python would still flush at its exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _check_gestures(gestures: frozenset[str], settings: Settings, *, topic: Topic) -> None:
    """Refuse names that no worker writes: they would be waited for without end."""
    known = set(GESTURES) if topic is Topic.GESTURES else {*GESTURES, NO_GESTURE}
    if gestures <= known:
        return
    # Only a model knows others. To read one is slow, and so is the import of what reads it.
    from recognition.bundle import BundleError  # noqa: PLC0415
    from recognition.bundle_sources import load_classes  # noqa: PLC0415

    try:
        classes = load_classes(settings.model, data_dir=settings.data_dir, cache_dir=settings.cache_dir)
    except BundleError as error:
        raise SettingsError(str(error)) from error
    known |= {*classes} - {NO_GESTURE}
    for name in sorted(gestures - known):
        raise typer.BadParameter(
            f"{unknown_gesture(name, known)}; HANDSTREAM_MODEL names the model of other gestures",
            param_hint="--gesture",
        )


def _follow(reader: BatchReader[R], output: Output[R], *, wanted: Callable[[R], bool], stop: Stop) -> None:
    follower = Follower(reader=reader, output=output, wanted=wanted, stop=stop, tell=_tell)
    try:
        follower.run()
    finally:
        first = follower.first_malformed
        if first is not None:
            _tell(f"{follower.malformed_count} malformed records skipped, the first at {first.position}: {first.error}")


@contextmanager
def _output(form: Format | None, *, topic: str) -> Iterator[Output[ReceivedPrediction]]:
    form = form or _usual_format()
    if form is Format.TABLE:
        with TableOutput(PipeConsole(), topic=topic) as table:
            yield table
    else:
        yield Lines[ReceivedPrediction](sys.stdout.buffer, JsonLines() if form is Format.JSONL else Csv())


def _gesture_output(form: Format | None) -> Output[ReceivedGesture]:
    form = form or _usual_format()
    if form is Format.TABLE:
        return GestureTable(PipeConsole())
    return Lines[ReceivedGesture](sys.stdout.buffer, JsonLines() if form is Format.JSONL else GestureCsv())


def _usual_format() -> Format:
    return Format.TABLE if sys.stdout.isatty() else Format.JSONL


def _tell(line: str) -> None:
    typer.echo(f"handstream tail: {line}", err=True)
