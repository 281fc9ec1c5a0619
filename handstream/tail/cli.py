"""`handstream tail`: look at the predictions, or the gestures, as they come."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import typer

from broker.consuming import TopicMissing, consumer
from broker.topics import BrokerError, admin_client
from events.prediction import Status
from events.topics import TopicNames
from handstream.tail.backlog import Backlog
from handstream.tail.batch import Received, ReceivedGesture, decode_gestures
from handstream.tail.filters import Filter
from handstream.tail.follower import Follower, Idle, Stop
from handstream.tail.formats import Csv, JsonLines, Lines, Output
from handstream.tail.gestures import GestureCsv, GestureFilter, GestureTable
from handstream.tail.pipe import PipeConsole
from handstream.tail.reader import RecordReader, TopicReader
from handstream.tail.start import Edge, Start, parse_start
from handstream.tail.table import TableOutput
from handstream.tail.until_end import Log, UntilEnd
from settings import SettingsError, load_settings

USAGE_ERROR = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count it

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
    camera: Annotated[list[str] | None, typer.Option(help="Only this camera. Can be given several times.")] = None,
    gesture: Annotated[list[str] | None, typer.Option(help="Only this gesture. Several times too.")] = None,
    status: Annotated[list[Status] | None, typer.Option(help="Only this status of predictions. Also several.")] = None,
    start: Annotated[
        str,
        typer.Option("--from", metavar="earliest|latest|TIME", help="TIME: 2025-03-14T09:26:53Z, or ago: 90s 10m 2h."),
    ] = Edge.LATEST.value,
    until_end: Annotated[
        bool, typer.Option("--until-end", help="Stop when all finite streams have ended and all outcomes are read.")
    ] = False,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Stop after so many.")] = None,
    idle_timeout: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Give up when nothing comes for so long.")
    ] = None,
) -> None:
    """Look at the predictions, or the gestures, as they come.

    Many can look at once: a tail joins no consumer group and commits nothing.

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
    cameras, gestures, statuses = frozenset(camera or ()), frozenset(gesture or ()), frozenset(status or ())
    where = _start(start)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        settings = load_settings()
        # Its context puts every fault of the broker into one clear line, the consumer's too.
        with admin_client(settings) as admin, consumer(settings) as client:
            topics = TopicNames(settings.topic_prefix)

            def stop(log: Log) -> Stop:
                end = None
                if until_end:
                    backlog = None
                    if where is not Edge.LATEST:
                        backlog = Backlog(
                            consumer=client, admin=admin, topic=topics.frames, group=settings.consumer_group
                        )
                    end = UntilEnd(log=log, unprocessed=backlog, clock=time.monotonic)
                return Stop(limit=limit, idle_seconds=idle_timeout, until_end=end)

            if topic is Topic.GESTURES:
                events = RecordReader(client, topic=topics.gestures, decode=decode_gestures)
                events.start(where)
                chosen = GestureFilter(cameras=cameras, gestures=gestures)
                lines = _gesture_output(form)
                _follow(Follower(reader=events, output=lines, wanted=chosen.matches, stop=stop(events), tell=_tell))
                return
            reader = TopicReader(client, topic=topics.predictions)
            reader.start(where)
            wanted = Filter(cameras=cameras, gestures=gestures, statuses=statuses)
            with _output(form, topic=topics.predictions) as output:
                _follow(
                    Follower(
                        reader=reader,
                        output=output,
                        wanted=lambda one: wanted.matches(one.prediction),
                        stop=stop(reader),
                        tell=_tell,
                    )
                )
    except (SettingsError, TopicMissing) as error:
        _tell(str(error))
        raise typer.Exit(USAGE_ERROR) from error
    except (BrokerError, Idle) as error:
        _tell(str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED if until_end or limit else 0) from None
    except BrokenPipeError:
        # What Python would still flush at its exit has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _follow(follower: Follower[R]) -> None:
    try:
        follower.run()
    finally:
        stray = follower.first_stray
        if stray is not None:
            _tell(f"{follower.stray_count} records passed over, the first at {stray.position}: {stray.error}")


@contextmanager
def _output(form: Format | None, *, topic: str) -> Iterator[Output[Received]]:
    form = form or _usual_format()
    if form is Format.TABLE:
        with TableOutput(PipeConsole(), topic=topic) as table:
            yield table
    else:
        yield Lines[Received](sys.stdout.buffer, JsonLines() if form is Format.JSONL else Csv())


def _gesture_output(form: Format | None) -> Output[ReceivedGesture]:
    form = form or _usual_format()
    if form is Format.TABLE:
        return GestureTable(PipeConsole())
    return Lines[ReceivedGesture](sys.stdout.buffer, JsonLines() if form is Format.JSONL else GestureCsv())


def _usual_format() -> Format:
    return Format.TABLE if sys.stdout.isatty() else Format.JSONL


def _tell(line: str) -> None:
    typer.echo(f"handstream tail: {line}", err=True)
